/** A mail, ready to be handed over. */
export interface Letter {
  readonly messageId: string;
  /** Epoch ms, of the mail's beginning: the same at each attempt. */
  readonly dateMs: number;
  readonly to: { readonly address: string; readonly name: string };
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  /** One iCalendar object for each lesson. */
  readonly calendars: readonly CalendarPart[];
  /** RFC 8058: where one POST ends such mails. */
  readonly unsubscribeUrl?: string;
}

export interface CalendarPart {
  readonly method: 'REQUEST' | 'CANCEL';
  readonly content: string;
}

/** Who writes. */
export interface Sender {
  readonly address: string;
  readonly name: string;
  readonly replyTo?: string | undefined;
}
