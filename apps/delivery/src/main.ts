import { runService } from '@schoolbell/service-kit';
import { environment } from './config.ts';
import { startDelivery } from './service.ts';

runService({ name: 'delivery', environment, start: (context) => startDelivery(context) });
