/** What there are data for. */

/** The languages of CLDR's modern, moderate and basic coverage. */
export const languages = new Set(
  (
    'af ak am ar as az ba be bg bm bn bo br bs ca ce cs cv cy da de dz ee el en eo es et eu fa ff fi fo fr fy ga gd gl gu gv ha he hi hr ' +
    'hu hy ia id ie ig ii is it ja jv ka ki kk kl km kn ko ks ku kw ky lb lg ln lo lt lu lv mg mi mk ml mn mr ms mt my nb nd ne nl nn no ' +
    'oc om or os pa pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl sn so sq sr st su sv sw ta te tg th ti tk tn to tr tt ug uk ur uz ' +
    'vi wo xh yi yo za zh zu agq asa ast bas bem bez bgc bho blo brx ccp ceb cgg chr ckb csw dav dje doi dsb dua dyo ebu ewo fil fur guz ' +
    'haw hsb jgo jmc kab kam kde kea kgp khq kkj kln kok ksb ksf ksh kxv lag lij lkt lmo lrc luo luy mai mas mer mfe mgh mgo mni mua mzn ' +
    'naq nds nmg nnh nqo nso nus nyn pcm pms prg raj rof rwk sah saq sat sbp scn seh ses shi shn smn syr szl teo tok twq tyv tzm vai vec ' +
    'vmw vun wae xnr xog yav yrl yue zgh'
  ).split(' '),
);

/** The numbering systems of digits, each by its zero. */
export const zeros: Record<string, number> = {
  adlm: 0x1e950, ahom: 0x11730, arab: 0x660, arabext: 0x6f0, bali: 0x1b50, beng: 0x9e6, bhks: 0x11c50, brah: 0x11066, cakm: 0x11136,
  cham: 0xaa50, deva: 0x966, diak: 0x11950, fullwide: 0xff10, gong: 0x11da0, gonm: 0x11d50, gujr: 0xae6, guru: 0xa66, hanidec: 0x3007,
  hmng: 0x16b50, hmnp: 0x1e140, java: 0xa9d0, kali: 0xa900, kawi: 0x11f50, khmr: 0x17e0, knda: 0xce6, lana: 0x1a80, lanatham: 0x1a90,
  laoo: 0xed0, latn: 0x30, lepc: 0x1c40, limb: 0x1946, mathbold: 0x1d7ce, mathdbl: 0x1d7d8, mathmono: 0x1d7f6, mathsanb: 0x1d7ec,
  mathsans: 0x1d7e2, mlym: 0xd66, modi: 0x11650, mong: 0x1810, mroo: 0x16a60, mtei: 0xabf0, mymr: 0x1040, mymrshan: 0x1090,
  mymrtlng: 0xa9f0, nagm: 0x1e4f0, newa: 0x11450, nkoo: 0x7c0, olck: 0x1c50, orya: 0xb66, osma: 0x104a0, rohg: 0x10d30, saur: 0xa8d0,
  segment: 0x1fbf0, shrd: 0x111d0, sind: 0x112f0, sinh: 0xde6, sora: 0x110f0, sund: 0x1bb0, takr: 0x116c0, talu: 0x19d0,
  tamldec: 0xbe6, telu: 0xc66, thai: 0xe50, tibt: 0xf20, tirh: 0x114d0, tnsa: 0x16ac0, vaii: 0xa620, wara: 0x118e0, wcho: 0x1e2f0,
};

export const calendars = (
  'buddhist chinese coptic dangi ethioaa ethiopic gregory hebrew indian islamic-civil islamic-tbla islamic-umalqura iso8601 japanese ' +
  'persian roc'
).split(' ');

export const collations = 'compat dict emoji eor phonebk phonetic pinyin searchjl stroke trad zhuyin'.split(' ');

export const currencies = (
  'AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CLP CNY COP CRC CUP ' +
  'CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY ' +
  'KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK ' +
  'NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT ' +
  'TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VES VND VUV WST XAF XCD XOF XPF YER ZAR ZMW'
).split(' ');

/** The units of ECMA-402 that the library has names for. */
export const units = (
  'acre centimeter day fluid-ounce foot gallon gram hectare hour inch kilogram kilometer liter meter microsecond mile ' +
  'mile-scandinavian milliliter millimeter millisecond minute month nanosecond ounce pound second stone week yard year'
).split(' ');

/** The digits after the point of the currencies that do not have two (ISO 4217). */
const minor: Record<number, string> = {
  0: 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF',
  3: 'BHD IQD JOD KWD LYD OMR TND',
  4: 'CLF UYW',
};

export function currencyDigits(code: string): number {
  for (const [digits, codes] of Object.entries(minor)) if (codes.split(' ').includes(code)) return Number(digits);
  return 2;
}

/** The locales whose dates of these numeric fields have no zeros before days and months, though their short dates have (CLDR). */
export const unpadded: Record<string, string> = {
  yMd: 'am be cs cy da de et gl id ja ka ms my nb nl nn no si sl so sw te vi en-IN en-IE es-MX',
  yM: 'am be cs cy da de et gl hu id ja ka ms nb nl nn no si sl so sw es-MX',
  Md: 'am be cs cy da de et gl hu id ja ka ms my nl si sl so sv sw tr en-NZ en-IE es-MX',
};

/** What is written for NaN where it is not `NaN` (CLDR). */
export const notNumbers: Record<string, string> = {
  am: 'በቁጥር\u00a0ሊገለጽ\u00a0የማይችል', ar: 'ليس\u00a0رقمًا', fa: 'ناعدد', fi: 'epäluku', ga: 'Nuimh', hy: 'ՈչԹ', ka: 'არ\u00a0არის\u00a0რიცხვი',
  kk: 'сан\u00a0емес', ky: 'сан\u00a0эмес', lo: 'ບໍ່\u200bແມ່ນ\u200bໂຕ\u200bເລກ', lv: 'NS', my: 'ဂဏန်းမဟုတ်သော', ru: 'не\u00a0число', so: 'MaL', tk: 'san\u00a0däl',
  uz: 'son\u00a0emas', yue: '非數值', 'zh-HK': '非數值', 'zh-TW': '非數值',
};
