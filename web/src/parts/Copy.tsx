import { useState } from "preact/hooks";
import { words } from "../words/language";

interface Props {
  label: string;
  text: string;
  /** Not to be seen before somebody asks. */
  secret?: boolean;
}

const COVERED = "•".repeat(16);

export function Copy({ label, text, secret = false }: Props) {
  const [copied, setCopied] = useState(false);
  const [covered, setCovered] = useState(secret);
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    setCopied(true);
    setTimeout(() => setCopied(false), 1500);
  };
  const { detail } = words.value;
  return (
    <div class="copy">
      <span>{label}</span>
      <code>{covered ? COVERED : text}</code>
      {secret && (
        <button type="button" class="small" aria-label={`${covered ? detail.uncover : detail.cover}: ${label}`} onClick={() => setCovered(!covered)}>
          {covered ? detail.uncover : detail.cover}
        </button>
      )}
      <button type="button" class="small" aria-label={`${detail.copy}: ${label}`} onClick={() => void copy()}>
        {copied ? detail.copied : detail.copy}
      </button>
    </div>
  );
}
