interface Props {
  id: string;
  label: string;
  /** What it says where nothing is chosen. */
  none: string;
  offline: string;
  names: readonly string[];
  problem?: string | null;
  value: string | null | undefined;
  choose: (name: string | null) => void;
}

/** Which service does something; nothing where this installation has none that could. */
export function Choice({ id, label, none, offline, names, problem = null, value, choose }: Props) {
  if (!names.length) return null;
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <select
        id={id}
        aria-invalid={problem !== null}
        aria-describedby={problem ? `${id}-problem` : undefined}
        value={value ?? ""}
        onChange={(event) => choose(event.currentTarget.value || null)}
      >
        <option value="">{none}</option>
        <option value="offline">{offline}</option>
        {names.map((name) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </select>
      {problem && (
        <p id={`${id}-problem`} class="field-problem">
          {problem}
        </p>
      )}
    </div>
  );
}
