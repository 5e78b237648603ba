import { Marked, marked } from 'marked'

export default async () => [marked('# hi *x*'), await new Marked().parse('- a\n- b')]
