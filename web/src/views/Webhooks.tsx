import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { addWebhook, deleteWebhook, listWebhooks } from "../api/projects";
import type { NewWebhook, Webhook, WebhookEvent } from "../api/types";
import { Copy } from "../parts/Copy";
import { Field } from "../parts/Field";
import { Problem } from "../parts/Problem";
import { words } from "../words/language";

const EVENTS: readonly WebhookEvent[] = ["import.closed", "import.waiting"];

export function Webhooks({ project }: { project: string }) {
  const webhooks = useSignal<Webhook[] | null>(null);
  const made = useSignal<NewWebhook | null>(null);
  const problem = useSignal<Error | null>(null);
  const { settings: say } = words.value;

  /** Whether it worked. */
  const attempt = async (step: () => Promise<unknown>): Promise<boolean> => {
    problem.value = null;
    try {
      await step();
      webhooks.value = await listWebhooks(project);
      return true;
    } catch (error) {
      problem.value = error as Error;
      return false;
    }
  };
  useEffect(() => void attempt(() => Promise.resolve()), [project]);
  return (
    <section class="card" aria-labelledby="webhooks-title">
      <h2 id="webhooks-title">{say.webhooks}</h2>
      <p class="quiet">
        {say.webhooksHint} {webhooks.value?.length === 0 && say.noWebhooks}
      </p>
      <ul class="entries">
        {webhooks.value?.map((webhook) => (
          <Row
            key={webhook.id}
            webhook={webhook}
            remove={() => {
              if (made.value?.id === webhook.id) made.value = null;
              return attempt(() => deleteWebhook(project, webhook.id));
            }}
          />
        ))}
      </ul>
      {made.value && (
        <div class="secret" role="status">
          <Copy label={`${say.secret}: ${made.value.url}`} text={made.value.secret} />
          <p>{say.secretHint}</p>
        </div>
      )}
      <Form
        add={(url, events) =>
          attempt(async () => {
            made.value = await addWebhook(project, url, events);
          })
        }
      />
      {problem.value && <Problem error={problem.value} />}
    </section>
  );
}

function Row({ webhook, remove }: { webhook: Webhook; remove: () => Promise<boolean> }) {
  const confirmation = useRef<HTMLDialogElement>(null);
  const { settings: say } = words.value;
  return (
    <li class="entry" data-webhook={webhook.id}>
      <div class="entry-text">
        <h3>{webhook.url}</h3>
        <ul class="facts">
          {webhook.events.map((event) => (
            <li key={event}>{say.eventNames[event]}</li>
          ))}
        </ul>
      </div>
      <div class="buttons">
        <button type="button" class="small danger" aria-label={`${say.deleteWebhook}: ${webhook.url}`} onClick={() => confirmation.current?.showModal()}>
          {say.deleteWebhook}…
        </button>
      </div>
      <dialog ref={confirmation} aria-labelledby={`delete-${webhook.id}`}>
        <p id={`delete-${webhook.id}`}>{say.deleteWebhookAsked(webhook.url)}</p>
        <form method="dialog" class="buttons">
          <button type="submit" class="danger" onClick={() => void remove()}>
            {say.deleteWebhook}
          </button>
          <button type="submit">{say.dismiss}</button>
        </form>
      </dialog>
    </li>
  );
}

function Form({ add }: { add: (url: string, events: WebhookEvent[]) => Promise<boolean> }) {
  const url = useSignal("");
  const events = useSignal<ReadonlySet<WebhookEvent>>(new Set(EVENTS));
  const tried = useSignal(false);
  const { settings: say } = words.value;
  const goodUrl = /^https?:\/\/[^/\s]+/i.test(url.value.trim());
  const goodEvents = events.value.size > 0;
  const send = async (event: Event) => {
    event.preventDefault();
    tried.value = true;
    if (!goodUrl || !goodEvents) return;
    if (!(await add(url.value.trim(), EVENTS.filter((one) => events.value.has(one))))) return;
    tried.value = false;
    url.value = "";
  };
  return (
    <form class="upload" noValidate onSubmit={(event) => void send(event)}>
      <div class="fields">
        <Field id="webhook-url" type="url" placeholder="https://" label={say.url} hint={say.urlHint} problem={tried.value && !goodUrl ? say.badUrl : null} value={url} />
        <fieldset>
          <legend>{say.events}</legend>
          {EVENTS.map((one) => (
            <label key={one}>
              <input
                type="checkbox"
                checked={events.value.has(one)}
                onChange={(event) => {
                  const { checked } = event.currentTarget;
                  events.value = new Set(EVENTS.filter((other) => (other === one ? checked : events.value.has(other))));
                }}
              />
              {say.eventNames[one]}
            </label>
          ))}
          {tried.value && !goodEvents && <p class="field-problem">{say.noEvent}</p>}
        </fieldset>
      </div>
      <div class="buttons">
        <button type="submit">{say.add}</button>
      </div>
    </form>
  );
}
