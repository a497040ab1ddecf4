import { useState } from "preact/hooks";
import { words } from "../words/language";

export function Copy({ label, text }: { label: string; text: string }) {
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    setCopied(true);
    setTimeout(() => setCopied(false), 1500);
  };
  const { detail } = words.value;
  return (
    <div class="copy">
      <span>{label}</span>
      <code>{text}</code>
      <button type="button" class="small" aria-label={`${detail.copy}: ${label}`} onClick={() => void copy()}>
        {copied ? detail.copied : detail.copy}
      </button>
    </div>
  );
}
