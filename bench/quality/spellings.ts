/** Words that are written in several ways and said in one, the one that is taken last. */
const PAIRS = `
aeroplane airplane, analyse analyze, apologise apologize, behaviour behavior, cancelled canceled,
cancelling canceling, catalogue catalog, centimetre centimeter, centimetres centimeters, centre center,
centres centers, characterised characterized, cheque check, cheques checks, colour color, colours colors,
coloured colored, counsellor counselor, criticise criticize, defence defense, dialogue dialog,
doughnut donut, doughnuts donuts, emphasise emphasize, enrol enroll, epitomised epitomized, favour favor,
favours favors, favourite favorite, flavour flavor, flavours flavors, fulfil fulfill, gaol jail,
grey gray, harbour harbor, honour honor, humour humor, jewellery jewelry, judgement judgment, kerb curb,
kilometre kilometer, kilometres kilometers, labelled labeled, labour labor, licence license, litre liter,
litres liters, manoeuvre maneuver, metre meter, metres meters, modelling modeling, mould mold,
moustache mustache, neighbour neighbor, neighbours neighbors, neighbourhood neighborhood,
offence offense, organisation organization, organise organize, organised organized, parlour parlor,
plough plow, practise practice, programme program, programmes programs, realise realize,
realised realized, recognise recognize, recognised recognized, rivalled rivaled, rumour rumor,
sceptical skeptical, signalled signaled, skilful skillful, storey story, theatre theater,
travelled traveled, traveller traveler, travelling traveling, tyre tire, tyres tires, vapour vapor,
vigour vigor, wilful willful, woollen woolen,
alright allright, apt apartment, ave avenue, dr doctor, etc etcetera, mr mister, mrs missus,
okay ok, oh zero, vs versus
`;

const SPELLINGS: ReadonlyMap<string, string> = new Map(
  PAIRS.trim()
    .split(/,\s*/)
    .map((pair) => pair.split(' ') as [string, string]),
);

/**
 * Brings a word to one of its spellings: American, and in full.
 *
 * @param word - Lower case, letters only.
 * @returns The spelling that all its others are brought to too.
 */
export function oneSpelling(word: string): string {
  return SPELLINGS.get(word) ?? word;
}
