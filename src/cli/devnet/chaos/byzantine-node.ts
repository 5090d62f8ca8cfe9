/** A node of a devnet whose validator lies, as a process: `byzantine-node.js HOME`. */
import { ChangingLiar } from '../../../committee/changing-liar.ts';
import { isDevnet } from '../../node/devnet-genesis.ts';
import { openHome, required } from '../../node/home.ts';
import { openNode, serveNode } from '../../node/run-node.ts';

const cwd = process.cwd();
const home = await openHome(process.argv[2]!, {}, cwd);
if (!isDevnet(home.chain.chainId)) throw new Error('only a validator of a devnet lies on purpose');
const node = await openNode(home, cwd, (validator, config) => new ChangingLiar(validator, config));
await serveNode(node, required('rpc', home.settings.rpc));
