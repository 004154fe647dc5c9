/** The kinds of tasks. */
export const enum Task {
  pack,
  product,
  gate,
  norm,
  combine,
  rowsOfQkv,
  attention,
  couplings,
  embed,
  selectRows,
  statistics,
  sample,
  mixture,
}
