import { useEffect, useState } from 'preact/hooks';
import { Download } from '../shell/download.tsx';
import type { FromBench, ToBench } from '../worker/messages.ts';
import { type BenchRun, runBench } from './run-bench.ts';

const STAGES = {
  key: 'Reading the key',
  witness: 'Computing the witness',
  prove: 'Proving',
  verify: 'Verifying',
} as const;

/** Proves or verifies a statement of any circom circuit over BN254 in the page: nothing of it is sent anywhere. */
export function Bench() {
  const [isKept, setKept] = useState(false);
  useEffect(() => runBench({ kind: 'load' }, ({ kind }) => setKept(kind === 'loaded')).stop, []);
  return (
    <>
      <h2>Proof bench</h2>
      <p>
        Prove or verify a Groth16 statement of any circom circuit over BN254, in this page. Files stay in this
        browser: nothing is sent, also not to the node.
        {isKept && ' All that a run needs is loaded: it goes on without a network.'}
      </p>
      <Prove />
      <Verify />
    </>
  );
}

/** What a run says while it lasts, and its last word. */
function useRun() {
  const [said, setSaid] = useState<FromBench | undefined>();
  const [run, setRun] = useState<BenchRun | undefined>();
  const begin = (asked: ToBench): void => {
    setSaid(undefined);
    const started = runBench(asked, (message) => {
      setSaid(message);
      if (message.kind !== 'stage') setRun(undefined);
    });
    setRun(started);
  };
  const stop = (): void => {
    run?.stop();
    setRun(undefined);
    setSaid({ kind: 'failed', problem: { code: 'PAGE_STOPPED', text: 'You stopped it.' } });
  };
  const refuse = (text: string): void => setSaid({ kind: 'failed', problem: { code: 'PAGE_FILES', text } });
  return { said, isRunning: run !== undefined, begin, stop, refuse };
}

const fileIn = (form: HTMLFormElement, name: string): File | undefined => {
  const file = new FormData(form).get(name);
  return file instanceof File && file.size > 0 ? file : undefined;
};

function Prove() {
  const { said, isRunning, begin, stop, refuse } = useRun();
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const [zkey, wtns, wasm, input] = ['zkey', 'wtns', 'wasm', 'input'].map((name) => fileIn(form, name));
    if (zkey === undefined) return refuse('Choose a proving key (.zkey).');
    if (wtns === undefined && (wasm === undefined || input === undefined))
      return refuse('Choose a witness (.wtns), or a witness program (.wasm) and an input (.json).');
    begin({
      kind: 'prove',
      zkey: await zkey.arrayBuffer(),
      witness:
        wtns !== undefined
          ? { kind: 'wtns', bytes: await wtns.arrayBuffer() }
          : { kind: 'program', wasm: await wasm!.arrayBuffer(), input: await input!.text() },
    });
  };
  return (
    <form onSubmit={submit} aria-labelledby="bench-prove">
      <h3 id="bench-prove">Prove</h3>
      <FileField name="zkey" label="Proving key" accept=".zkey" />
      <FileField name="wasm" label="Witness program" accept=".wasm" />
      <FileField name="input" label="Input" accept=".json" />
      <FileField name="wtns" label="or a witness instead of program and input" accept=".wtns" />
      <Buttons name="Prove" isRunning={isRunning} stop={stop} />
      <Said said={said} />
    </form>
  );
}

function Verify() {
  const { said, isRunning, begin, stop, refuse } = useRun();
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const [vkey, proof, signals] = ['vkey', 'proof', 'public'].map((name) => fileIn(form, name));
    if (vkey === undefined || proof === undefined || signals === undefined)
      return refuse('Choose a verification key, a proof and its public signals, three files of snarkjs.');
    begin({
      kind: 'verify',
      vkey: await vkey.text(),
      proof: await proof.text(),
      publicSignals: await signals.text(),
    });
  };
  return (
    <form onSubmit={submit} aria-labelledby="bench-verify">
      <h3 id="bench-verify">Verify</h3>
      <FileField name="vkey" label="Verification key" accept=".json" />
      <FileField name="proof" label="Proof" accept=".json" />
      <FileField name="public" label="Public signals" accept=".json" />
      <Buttons name="Verify" isRunning={isRunning} stop={stop} />
      <Said said={said} />
    </form>
  );
}

interface FileFieldProps {
  readonly name: string;
  readonly label: string;
  readonly accept: string;
}

const FileField = ({ name, label, accept }: FileFieldProps) => (
  <p>
    <label>
      {label} ({accept})<br />
      <input type="file" name={name} accept={accept} />
    </label>
  </p>
);

interface ButtonsProps {
  readonly name: string;
  readonly isRunning: boolean;
  readonly stop: () => void;
}

const Buttons = ({ name, isRunning, stop }: ButtonsProps) => (
  <p>
    <button type="submit" disabled={isRunning}>
      {name}
    </button>{' '}
    {isRunning && (
      <button type="button" onClick={stop}>
        Stop
      </button>
    )}
  </p>
);

/** The last word of a run, told to screen readers as well. */
const Said = ({ said }: { readonly said: FromBench | undefined }) => (
  <div role="status" aria-live="polite" data-bench={said?.kind}>
    {said?.kind === 'stage' && <p>{STAGES[said.stage]} …</p>}
    {said?.kind === 'failed' && (
      <p class="problem">
        <strong>{said.problem.code}</strong>: {said.problem.text}
      </p>
    )}
    {said?.kind === 'verified' && (
      <p>
        {said.isProof ? 'The proof holds' : 'This is no proof of these public signals'} ({ms(said.verifyMs)}).
      </p>
    )}
    {said?.kind === 'proved' && (
      <>
        <p>
          Proved in {ms(said.proveMs)}, after {ms(said.witnessMs)} for the witness. The proof passed the
          verifier.
        </p>
        <p>
          <Download name="proof.json" text={said.proof} />{' '}
          <Download name="public.json" text={said.publicSignals} />{' '}
          <Download name="vkey.json" text={said.vkey} />
        </p>
      </>
    )}
  </div>
);

const ms = (time: number): string => `${Math.round(time)} ms`;
