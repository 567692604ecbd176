/** Names and secrets of the bench's own configuration. They protect nothing: everything listens on loopback. */
export const ORGANIZATION_ID = 'acme';
export const SOURCE_ID = 'platform';
export const DESTINATION_ID = 'acme-lms';
export const WEBHOOK_SECRET = `whsec_${Buffer.alloc(32, 'webhooks of the bench').toString('base64')}`;
export const DESTINATION_SECRET = `whsec_${Buffer.alloc(32, 'summaries of the bench').toString('base64')}`;
