/** Why a port cannot be listened on, in words for whoever chose it. */
import { StartError } from '../start-error';

export function listenError(error: NodeJS.ErrnoException, port: number): Error {
  if (error.code === 'EADDRINUSE') return new StartError(`Port ${port} is taken by another process.`);
  if (error.code === 'EACCES')
    return new StartError(`Port ${port} may not be opened by this user; take one from 1024 up.`);
  return error;
}
