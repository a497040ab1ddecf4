"""The engine room: builds the workers of all queues from settings."""
