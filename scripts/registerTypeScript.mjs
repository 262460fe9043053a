// Lets worker threads run our TypeScript sources: `--import tsx` alone registers itself on the main thread only.
import { register } from 'tsx/esm/api';

register();
