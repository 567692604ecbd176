import { runService } from '@schoolbell/service-kit';
import { environment } from './config.ts';
import { startNotifier } from './service.ts';

runService({ name: 'notifier', environment, start: (context) => startNotifier(context) });
