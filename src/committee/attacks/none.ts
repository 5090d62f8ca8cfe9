import type { CommitteeAttack } from '../attack.ts';

export const none: CommitteeAttack = {
  name: 'none',
  explains: 'No attack: the Byzantine validators follow the protocol. Compare the others with it.',
  open: () => ({}),
};
