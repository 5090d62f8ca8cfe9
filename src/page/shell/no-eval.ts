import { config } from 'zod';

/** The policy of the page forbids code that is made from text: forms are not compiled into such, and it is not tried. Imported first. */
config({ jitless: true });
