interface Props {
  id: string;
  label: string;
  hint: string;
  /** What is wrong with it; said in place of the hint. */
  problem?: string | null;
  value: { value: string };
  /** What it may be, among others. */
  options?: readonly string[];
  type?: "text" | "url";
  placeholder?: string;
  /** For several lines. */
  rows?: number;
}

/** A field with its label, and below it a hint or what is wrong. */
export function Field({ id, label, hint, problem = null, value, options = [], type = "text", placeholder, rows }: Props) {
  const common = {
    id,
    autocomplete: "off" as const,
    spellcheck: false,
    placeholder,
    "aria-describedby": `${id}-hint`,
    "aria-invalid": problem !== null,
    value: value.value,
    onInput: (event: { currentTarget: { value: string } }) => {
      value.value = event.currentTarget.value;
    },
  };
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {rows ? <textarea {...common} rows={rows} /> : <input {...common} type={type} list={options.length ? `${id}-known` : undefined} />}
      {options.length > 0 && (
        <datalist id={`${id}-known`}>
          {options.map((option) => (
            <option key={option} value={option} />
          ))}
        </datalist>
      )}
      <p id={`${id}-hint`} class={problem ? "field-problem" : "quiet"}>
        {problem ?? hint}
      </p>
    </div>
  );
}
