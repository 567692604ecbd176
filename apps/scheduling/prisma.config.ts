import { defineConfig } from 'prisma/config';

// The address is only needed by commands that connect; generating the client does not.
export default defineConfig({
  schema: 'prisma/schema.prisma',
  migrations: { path: 'prisma/migrations' },
  datasource: { url: process.env['DATABASE_URL'] ?? 'postgresql://scheduling@127.0.0.1:5432/schoolbell' },
});
