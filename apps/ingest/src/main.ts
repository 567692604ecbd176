import { runService } from '@schoolbell/service-kit';
import { environment } from './config.ts';
import { startIngest } from './service.ts';

runService({ name: 'ingest', environment, start: (context) => startIngest(context) });
