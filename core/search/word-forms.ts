/** English words whose forms no stem joins: irregular verbs and plurals, each word's forms together. */
export const WORD_FORMS: readonly (readonly string[])[] = (
  "begin began begun; break broke broken; bring brought; build built; buy bought; catch caught; " +
  "choose chose chosen; come came; deal dealt; draw drew drawn; drink drank drunk; " +
  "drive drove driven; eat ate eaten; fall fell fallen; feed fed; feel felt; fight fought; " +
  "find found; fly flew flown; forget forgot forgotten; forgive forgave forgiven; " +
  "freeze froze frozen; get got gotten; give gave given; go went gone; grow grew grown; " +
  "hang hung; hear heard; hide hid hidden; hold held; keep kept; know knew known; " +
  "lead led; learn learnt; leave left; lend lent; lose lost; make made; mean meant; meet met; " +
  "pay paid; ride rode ridden; ring rang rung; rise rose risen; run ran; say said; see saw seen; " +
  "seek sought; sell sold; send sent; shake shook shaken; shine shone; shoot shot; show shown; " +
  "shrink shrank shrunk; sing sang sung; sink sank sunk; sit sat; sleep slept; slide slid; " +
  "speak spoke spoken; spend spent; spin spun; spring sprang sprung; stand stood; " +
  "steal stole stolen; stick stuck; strike struck; swear swore sworn; sweep swept; " +
  "swim swam swum; take took taken; teach taught; tear tore torn; tell told; think thought; " +
  "throw threw thrown; understand understood; wake woke woken; wear wore worn; win won; " +
  "write wrote written; child children; person people; man men; woman women; " +
  "foot feet; tooth teeth; mouse mice; wife wives; knife knives; " +
  "half halves; matrix matrices; vertex vertices; " +
  "criterion criteria; analysis analyses"
)
  .split("; ")
  .map((forms) => forms.split(" "));
