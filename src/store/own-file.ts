import { SourceError } from '../core/errors';

/** A file that was built with the page, by its path. @throws SourceError when the host does not have it. */
export async function ownFile(path: string): Promise<Response> {
  const response = await fetch(new URL(path, document.baseURI));
  if (response.ok) return response;
  throw new SourceError(
    `${path.slice(path.lastIndexOf('/') + 1)}: expected the page's own file, got HTTP ${response.status}.`,
    'Build the page again.',
  );
}
