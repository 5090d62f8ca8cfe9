import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect, type TLSSocket } from 'node:tls';
import { parseGenesisFile } from '../../src/formats/genesis-file.ts';
import { epochDomain } from '../../src/ledger/epoch-config.ts';
import { type TlsIdentity, tlsIdentity } from '../../src/net/identity.ts';
import { secureOptions, streamName } from '../../src/net/tls-listener.ts';
import type { Address } from '../../src/net/transport.ts';
import { encodeWire, type Hello, WIRE_VERSION, WireReader } from '../../src/net/wire.ts';
import { readKeyFile, secretFileName, secretOwner } from '../../src/node/secret-file.ts';
import { validatorIndex } from '../../src/params/ids.ts';

/** A stream on which a hostile peer may send anything. */
export interface HostileStream {
  readonly socket: TLSSocket;
  /** Number that the other end takes next. */
  next: number;
  /** Frames that the other end sent, at most as many as are kept. */
  readonly came: Uint8Array[];
  isOver(): boolean;
}

const KEPT = 2_000;

/** What has a validator's real key and follows none of the rules: the handshake is the product's own, and the rest is not. */
export class HostilePeer {
  readonly identity: TlsIdentity;
  readonly #hello: Omit<Hello, 'durable' | 'received'>;
  readonly #name: string;
  /** All that it was told, as bytes. */
  readonly heard: Buffer[] = [];

  private constructor(identity: TlsIdentity, chain: Uint8Array, epoch: Uint8Array) {
    this.identity = identity;
    this.#hello = { kind: 'hello', version: WIRE_VERSION, chain, epoch };
    this.#name = streamName(epoch);
  }

  /** With the key of a validator of a devnet, which must not run beside it. */
  static async of(home: string, index: number): Promise<HostilePeer> {
    const dir = join(home, `node-${index}`);
    const { chain, epoch } = parseGenesisFile(readFileSync(join(dir, 'genesis.json'), 'utf8'), 'genesis');
    const owner = secretOwner(chain, epoch, validatorIndex(index));
    const { signSecret } = readKeyFile(join(dir, 'validator', secretFileName('keys', 1)), owner);
    const { chainHash, epochHash } = epochDomain(chain, epoch);
    return new HostilePeer(await tlsIdentity(signSecret), chainHash, epochHash);
  }

  /** A handshake and nothing else. @returns undefined if the other end ends it */
  async handshake(to: Address, identity = this.identity): Promise<TLSSocket | undefined> {
    const socket = connect({ ...to, servername: this.#name, ...secureOptions(identity) });
    socket.on('error', () => {});
    const secure = once(socket, 'secureConnect').then(() => true);
    const closed = once(socket, 'close').then(() => false);
    return (await Promise.race([secure, closed]).catch(() => false)) ? socket : undefined;
  }

  /**
   * A stream that is up.
   * @param lie what the hello says otherwise
   * @returns undefined if the other end will have none of it
   */
  async stream(to: Address, lie: Partial<Hello> = {}): Promise<HostileStream | undefined> {
    const socket = await this.handshake(to);
    if (socket === undefined) return undefined;
    const reader = new WireReader();
    let isOver = false;
    const stream: HostileStream = { socket, next: 0, came: [], isOver: () => isOver };
    const up = new Promise<boolean>((resolve) => {
      socket.on('data', (chunk: Buffer) => {
        if (this.heard.length < 10_000) this.heard.push(chunk);
        for (const frame of reader.read(chunk) ?? []) {
          if (frame.kind === 'hello') {
            stream.next = frame.received + 1;
            resolve(true);
          } else if (frame.kind === 'frame' && stream.came.length < KEPT) stream.came.push(frame.bytes);
        }
      });
      socket.on('close', () => {
        isOver = true;
        resolve(false);
      });
    });
    socket.write(encodeWire({ ...this.#hello, durable: 0, received: 0, ...lie }));
    return (await up) ? stream : undefined;
  }
}
