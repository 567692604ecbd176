import type { Notice, RenderedNotice } from '../notices/notice.ts';

/** A notice and its words. */
export interface MailNotice {
  readonly notice: Notice;
  readonly rendered: RenderedNotice;
}

export interface Arranged {
  /** Told in full, newest first of what can be answered, then the rest in their order. */
  readonly sections: readonly MailNotice[];
  /** Overtaken by a section: a line each. */
  readonly earlier: readonly MailNotice[];
}

/** What belongs together: one negotiation, else one lesson or package. */
const threadOf = ({ data }: Notice): string => data.requestId ?? data.lessons[0]?.lessonId ?? data.packageId;

/**
 * What one mail tells. Of a negotiation only the newest is told in full: what came before is history by now, and a
 * reminder that comes late is part of what overtook it.
 */
export function arrange(notices: readonly MailNotice[]): Arranged {
  const ordered = notices.toSorted((one, other) => Number(BigInt(one.notice.id) - BigInt(other.notice.id)));
  const newest = new Map(ordered.map((one) => [threadOf(one.notice), one]));
  const sections = ordered.filter((one) => newest.get(threadOf(one.notice)) === one);
  return {
    sections: [...sections.filter(({ rendered }) => rendered.answerable), ...sections.filter(({ rendered }) => !rendered.answerable)],
    earlier: ordered.filter((one) => newest.get(threadOf(one.notice)) !== one),
  };
}
