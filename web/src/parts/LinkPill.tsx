import type { Link } from "../live/connection";
import { language, words } from "../words/language";
import { clock } from "../words/numbers";

export function linkText(link: Link): string {
  const { links } = words.value;
  return link.kind === "offline" ? links.offline(clock(new Date(link.since), language.value)) : links[link.kind];
}

export function LinkPill({ link }: { link: Link }) {
  return (
    <span class={`link link-${link.kind}`} data-link={link.kind} role="status">
      <i aria-hidden="true" />
      {linkText(link)}
    </span>
  );
}
