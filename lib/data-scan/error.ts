/** A setting of the data scan that is wrong: one line that names it and says what to write. */
export class DataScanError extends Error {
  override readonly name = 'DataScanError';
}
