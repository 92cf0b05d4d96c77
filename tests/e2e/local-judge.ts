import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a judge's server does with a call; `call` counts from 1. */
export type Behaviour = (response: ServerResponse, call: number) => void;

/** An OpenAI-compatible server on this machine that answers every call as its behaviour says. */
export class LocalJudge {
  calls = 0;

  private constructor(
    private readonly server: Server,
    private behaviour: Behaviour,
  ) {}

  static async start(behaviour: Behaviour): Promise<LocalJudge> {
    const server = createServer((request, response) => {
      const cors = {
        'Access-Control-Allow-Origin': '*',
        'Access-Control-Allow-Headers': '*',
        'Access-Control-Expose-Headers': 'Retry-After',
      };
      for (const [name, value] of Object.entries(cors)) response.setHeader(name, value);
      if (request.method === 'OPTIONS') {
        response.end();
        return;
      }
      request.resume().on('end', () => judge.behaviour(response, ++judge.calls));
    });
    const judge = new LocalJudge(server, behaviour);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return judge;
  }

  get host(): string {
    return `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  become(behaviour: Behaviour): void {
    this.behaviour = behaviour;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

/** A score of 90, as a completion whose first token is a number. */
export const scores: Behaviour = (response) => {
  const candidates = [{ token: '90', logprob: Math.log(0.9) }];
  response.setHeader('Content-Type', 'application/json');
  response.end(
    JSON.stringify({ choices: [{ message: { content: '90' }, logprobs: { content: [{ ...candidates[0], top_logprobs: candidates }] } }] }),
  );
};

export function refuses(status: number, headers: Record<string, string> = {}): Behaviour {
  return (response) => {
    response.writeHead(status, headers);
    response.end('{"error":{"message":"as the test says"}}');
  };
}

export const talksNonsense: Behaviour = (response) => {
  response.setHeader('Content-Type', 'text/html');
  response.end('<html>not a completion</html>');
};

export const keepsSilent: Behaviour = () => {};
