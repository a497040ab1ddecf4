import { Problem } from "../parts/Problem";
import type { Step, Upload } from "../upload/sending";
import { language, words } from "../words/language";
import { count, size } from "../words/numbers";

export function UploadProgress({ upload, again, discard }: { upload: Upload; again: () => void; discard: () => void }) {
  const step = upload.step.value;
  const { upload: say } = words.value;
  const fraction = fractionOf(step);
  return (
    <div class="card upload" data-step={step.kind}>
      <p class="upload-summary">
        <strong>{upload.order.name}</strong> <span class="tag">{upload.order.project}</span>
      </p>
      {step.kind === "failed" ? (
        <Problem error={step.error} />
      ) : (
        <>
          {fraction === null ? <progress max={1} aria-label={told(step)} /> : <progress max={1} value={fraction} aria-label={told(step)} />}
          <p role="status">{told(step)}</p>
          {step.kind === "sending" && step.there > 0 && <p class="quiet">{say.there(count(step.there, language.value))}</p>}
          <p class="quiet">{say.resume}</p>
        </>
      )}
      <div class="buttons">
        {step.kind === "failed" && (
          <button type="button" class="primary" onClick={again}>
            {say.again}
          </button>
        )}
        <button type="button" onClick={discard}>
          {say.discard}
        </button>
      </div>
    </div>
  );
}

function fractionOf(step: Step): number | null {
  if (step.kind === "hashing") return step.done / step.total;
  if (step.kind === "sending") return step.totalBytes ? step.bytes / step.totalBytes : 1;
  return null;
}

function told(step: Step): string {
  const { upload: say } = words.value;
  const shown = (value: number) => count(value, language.value);
  switch (step.kind) {
    case "hashing":
      return say.hashing(shown(step.done), shown(step.total));
    case "asking":
      return say.asking;
    case "sending":
      return say.sending(shown(step.done), shown(step.total), `${size(step.bytes)} / ${size(step.totalBytes)}`);
    default:
      return say.submitting;
  }
}
