# The API and the worker: one image, two commands (`python -m api`, `python -m worker`).
FROM python:3.13.16-slim-trixie AS build

ENV PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_NO_CACHE_DIR=1
WORKDIR /src

# The dependencies change less often than the code, so they are a layer of their own.
COPY requirements.lock ./
RUN python -m venv /opt/longshore \
    && /opt/longshore/bin/pip install --require-hashes --only-binary=:all: --requirement requirements.lock

# The build backend comes from the hashed lock as well, into an environment that is left behind.
COPY requirements-dev.lock ./
RUN python -m venv /opt/build \
    && /opt/build/bin/pip install --require-hashes --only-binary=:all: --requirement requirements-dev.lock

# The page is built before the wheel that carries it.
COPY . ./
RUN /opt/build/bin/python -m web.npm ci --silent \
    && /opt/build/bin/python -m web.npm run --silent build \
    && /opt/build/bin/pip wheel --no-deps --no-build-isolation --wheel-dir /wheels . \
    && /opt/longshore/bin/pip install --no-deps --no-index /wheels/*.whl


FROM python:3.13.16-slim-trixie

RUN useradd --create-home --uid 10001 longshore \
    && install --directory --owner=longshore --group=longshore --mode=0750 \
        /var/lib/longshore /var/lib/longshore/blobs
COPY --from=build /opt/longshore /opt/longshore

ENV PATH=/opt/longshore/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    LONGSHORE_HOME=/var/lib/longshore \
    LONGSHORE_BLOBS=/var/lib/longshore/blobs \
    LONGSHORE_PORT=8000
USER longshore
WORKDIR /var/lib/longshore
EXPOSE 8000

# The API's own; docker-compose.yml gives the worker another.
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
CMD ["python", "-m", "api"]
