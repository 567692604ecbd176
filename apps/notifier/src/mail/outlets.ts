import type { Sender } from './letter.ts';
import { createFolderTransport } from './folder.ts';
import type { Outlet } from './sender.ts';
import { createSmtpTransport, deadlineMs, type SmtpServer } from './transport.ts';

export interface MailSettings {
  readonly sender: Sender;
  readonly smtp: SmtpServer | undefined;
}

/** A folder is written by one at a time. */
const FOLDER_CONNECTIONS = 1;
const FOLDER_LEASE_MS = 15_000;
/** For the mark, and for clocks of replicas that differ. */
const LEASE_MARGIN_MS = 10_000;

/** How long a mail may be in hand before another replica takes it. */
export const leaseMsOf = (settings: MailSettings | undefined): number =>
  settings?.smtp === undefined ? FOLDER_LEASE_MS : deadlineMs(settings.smtp) + LEASE_MARGIN_MS;

/** One transport for each server, made anew when the configuration names another; connections of the former end when they are idle. */
export function createOutlets(settings: () => MailSettings | undefined, folder: string | undefined): { current(): Outlet | undefined; close(): void } {
  let made: { readonly key: string; readonly outlet: Outlet | undefined } | undefined;
  return {
    current() {
      const current = settings();
      const key = JSON.stringify(current ?? null);
      if (made?.key !== key) {
        made?.outlet?.transport.close();
        made = { key, outlet: current && openOutlet(current, folder) };
      }
      return made.outlet;
    },
    close: () => made?.outlet?.transport.close(),
  };
}

function openOutlet({ sender, smtp }: MailSettings, folder: string | undefined): Outlet | undefined {
  if (smtp !== undefined) return { transport: createSmtpTransport(smtp, sender), connections: smtp.connections };
  return folder === undefined ? undefined : { transport: createFolderTransport(folder, sender), connections: FOLDER_CONNECTIONS };
}
