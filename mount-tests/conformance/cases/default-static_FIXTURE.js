export default class { static name() { return "own"; } }
