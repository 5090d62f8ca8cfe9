import { useState } from 'preact/hooks';
import { Download } from '../shell/download.tsx';
import type { PageProblem } from '../worker/messages.ts';
import { Arrived, ProblemLine, refusalOf } from './said.tsx';
import type { PageWallet } from './wallet.ts';

const OPENING = ['create', 'import', 'unlock'] as const;

/** What stands before a wallet: making or bringing keys, or their password. */
export function Door({ seen, wasLocked, ask }: PageWallet) {
  const { door, asked } = seen;
  const isOpening = OPENING.some((each) => each === asked);
  return (
    <>
      <h2>Your wallet</h2>
      {wasLocked && <Arrived text="The wallet is locked" />}
      {door === 'none' && <MakeKeys ask={ask} isOpening={isOpening} />}
      {door === 'none' && <BringKeys ask={ask} isOpening={isOpening} />}
      {door === 'locked' && <Unlock ask={ask} isOpening={isOpening} />}
      {door === 'locked' && <Removal seen={seen} ask={ask} />}
      <p role="status" aria-live="polite">
        {isOpening && 'The password is being stretched, which takes a second or more.'}
        {door === 'closed' && 'Looking for keys in this browser.'}
      </p>
      <ProblemLine problem={refusalOf(seen, 'open', 'export', 'remove', ...OPENING)} />
    </>
  );
}

interface DoorFormProps {
  readonly ask: PageWallet['ask'];
  readonly isOpening: boolean;
}

const textIn = (form: HTMLFormElement, name: string): string => String(new FormData(form).get(name) ?? '');

function MakeKeys({ ask, isOpening }: DoorFormProps) {
  const [problem, setProblem] = useState<PageProblem>();
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const password = textIn(form, 'password');
    const isSame = password === textIn(form, 'again');
    setProblem(isSame ? undefined : { code: 'WALLET_PASSWORD', text: 'The two passwords differ.' });
    if (!isSame) return;
    form.reset();
    ask({ kind: 'create', password });
  };
  return (
    <form onSubmit={submit} aria-labelledby="make-keys">
      <h3 id="make-keys">Make keys</h3>
      <p>
        They are made in this browser from its random numbers, and kept in it under a password. No one can
        restore the password: whoever loses it and the key file loses the money. A browser that is short of
        room, or whose data are cleared, loses the keys: save their file elsewhere once they are made.
      </p>
      <p class="warn">
        The program of this page comes from the node that serves it, each time that the page is loaded.
        Whoever runs that node could hand out one that gives keys away: keep keys in the page of a node of
        your own alone.
      </p>
      <Password name="password" label="Password, at least 8 characters" complete="new-password" />
      <Password name="again" label="The same again" complete="new-password" />
      <p>
        <button type="submit" disabled={isOpening}>
          Make keys
        </button>
      </p>
      <ProblemLine problem={problem} />
    </form>
  );
}

function BringKeys({ ask, isOpening }: DoorFormProps) {
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const file = new FormData(form).get('file') as File;
    const password = textIn(form, 'password');
    const text = await file.text();
    form.reset();
    ask({ kind: 'import', file: text, password });
  };
  return (
    <form onSubmit={submit} aria-labelledby="bring-keys">
      <h3 id="bring-keys">Or bring a key file</h3>
      <p>
        Of this page, or <code>wallet.key</code> of <code>velum wallet</code>. Two copies that spend at the
        same time stand in each other’s way.
      </p>
      <p>
        <label>
          Key file
          <br />
          <input type="file" name="file" required />
        </label>
      </p>
      <Password name="password" label="Its password" complete="current-password" />
      <p>
        <button type="submit" disabled={isOpening}>
          Take it
        </button>
      </p>
    </form>
  );
}

function Unlock({ ask, isOpening }: DoorFormProps) {
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const password = textIn(form, 'password');
    form.reset();
    ask({ kind: 'unlock', password });
  };
  return (
    <form onSubmit={submit} aria-labelledby="unlock">
      <h3 id="unlock">Unlock the keys of this browser</h3>
      <Password name="password" label="Password" complete="current-password" />
      <p>
        <button type="submit" disabled={isOpening}>
          Unlock
        </button>
      </p>
    </form>
  );
}

/** Removes keys that nobody may need any more; their file goes before them. */
function Removal({ seen, ask }: Pick<PageWallet, 'seen' | 'ask'>) {
  return (
    <details>
      <summary>Keep a copy, or remove the keys</summary>
      <p>
        <SaveKeys seen={seen} ask={ask} />
      </p>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          ask({ kind: 'remove' });
        }}
      >
        <p>
          <label>
            <input type="checkbox" required /> I have a copy of the key file, or need its money no more
          </label>
        </p>
        <p>
          <button type="submit">Remove the keys from this browser</button>
        </p>
      </form>
    </details>
  );
}

/** Saves the key file, which stays under its password. */
export function SaveKeys({ seen, ask }: Pick<PageWallet, 'seen' | 'ask'>) {
  const { key } = seen;
  return key === undefined ? (
    <button type="button" onClick={() => ask({ kind: 'export' })}>
      Fetch the key file
    </button>
  ) : (
    <Download name="wallet.key" text={key} />
  );
}

interface PasswordProps {
  readonly name: string;
  readonly label: string;
  readonly complete: 'new-password' | 'current-password';
}

const Password = ({ name, label, complete }: PasswordProps) => (
  <p>
    <label>
      {label}
      <br />
      <input type="password" name={name} autocomplete={complete} required />
    </label>
  </p>
);
