import { runService } from '@schoolbell/service-kit';
import { environment } from './config.ts';
import { startScheduling } from './service.ts';

runService({ name: 'scheduling', environment, start: startScheduling });
