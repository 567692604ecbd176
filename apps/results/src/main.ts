import { runService } from '@schoolbell/service-kit';
import { environment } from './config.ts';
import { startResults } from './service.ts';

runService({ name: 'results', environment, start: (context) => startResults(context) });
