/** The site cannot be made as asked; the message says where and what to do. */
export class SiteError extends Error {
  override readonly name = 'SiteError';
}
