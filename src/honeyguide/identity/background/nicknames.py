"""Given names and their short and pet forms, in the languages our customers' contacts mostly carry.

One line per root: the full form(s) first. Forms are folded as `folded` does, so that accents and transliterations agree.
A short form may stand under several roots (alex: alexander, alexandra); it then agrees with each of them.
"""

import re
import unicodedata
from functools import cache

_TABLE = """
aaron: ron ronnie
abigail: abby gail abbie
adelheid: heidi
agnieszka: aga agnes
alberto albert: bert al bertie albie beto
alejandro alexander alexandre alessandro aleksander: alex alec al sandy sasha sascha xander lex ale jandro olek sandro alexis
alejandra alexandra alessandra aleksandra: alex sandra sasha sascha alexa lexi ola ale
alfred alfredo: fred al alf fredo alfie
alicja alice alicia: ali ala
alojzy alois aloisius: lois
amanda: mandy
andrew andreas andre andrea andrzej andres: andy andi drew dre jedrek
andrea: andi andy
anastasia: nastja stacy ana
angela angelika angelica: angie geli
anthony antonio anton antoine antoni: tony toni toño antek nino
antonia antonella antoinette: toni tonia nella
anna ann anne hanna hannah annette anneliese: annie anni ania anke nan nancy hanni
arthur arturo artur: art artie
augustus augustin agustin: gus august
barbara: barb babs basia barbie bärbel
bartlomiej bartholomew bartolome: bart bartek
beatrice beatriz beatrix: bea trixie
benjamin: ben benny benni benji
bernard bernhard bernardo: bernie bernd berni
bernadette: bernie
brigitte bridget birgit brigida: gitte biggi britt bridie
camilla camille: cami milla
carla carolina caroline carol karoline karolina: carrie caro lina karo line
casimir kazimierz: kazik
cassandra: cassie sandra
catherine katherine kathryn katharina caterina katarzyna catalina katrin kathrin cathrine: kate katie kathy cathy cath kat kathi kasia trina katja kitty cat cata rina käthe
cecilia cecile: cece celia cissy
charles carlos karl carl carlo karol: charlie chuck chas charly carlito kalle karlo
charlotte carlotta: lotte charlie lottie lotti
christian cristian christiaan krystian: chris christ cris
christina christine cristina krystyna kristina kirsten kristin: chris tina chrissy christy krysia cris kristi kirsti stina
christopher christoph cristobal christophe krzysztof kristof: chris topher kit krzys christof toph cris
claudia claudine: claudi
clemens clement clemente: clem
cornelius cornelis: neil kees cor
cornelia: conny nelly connie
constance constanze: connie conny stanzi
konstantin constantin constantine: kostja kosta costa stan
daniel daniele: dan danny dani danek
daniela danielle: dani
david davide dawid: dave davy davey
deborah debora: deb debbie debby
dennis denis: denny
dieter dietrich diedrich: didi
dolores: lola
dominic dominik domenico domingo dominique: dom nick domi mingo mimmo
donald: don donnie
dorothy dorothea dorota: dot dottie dorie thea doris
douglas: doug
edmund edmond edmundo: ed eddie ned
edward eduard eduardo edoardo edouard: ed eddie ted teddy edu lalo ned edi edek
eleanor eleonore eleonora: ellie nell nora lenora leonore
elizabeth elisabeth isabel isabella isabelle elzbieta elisabetta: liz beth lizzie betty eliza lisa liza elsa ela lisbeth ilse lis lilli izzy bella elise betsy isa sissi bettina bess
emanuel manuel emmanuel manuele emanuele: manny manu manolo lele
emily emilia emilie: em emmy millie mila emmi
ernest ernesto ernst: ernie neto erni
esther hester ester: essie hettie
eugene eugenio eugen: gene geno
ewa eva eve: evi ewka evita
ferdinand fernando fernand: ferdi nando fer
florian: flo flori
florence florentina: flo flossie florrie
frances francesca franziska francisca franciszka francoise: fran frannie franzi fanny paca cesca sissi franka
francis francesco franz francisco franciszek francois frank: frank fran franzi paco pancho franek frankie franco cesco curro
frederick friedrich federico frederic fryderyk frederik: fred freddy fritz fede freddie rico frits fredi
friederike frederica: rike fritzi freddie
gabriel gabriele gabor: gabe gabi gab
gabriela gabriele gabriella gabrielle: gabi gaby gabby ella
gerald gerard gerhard gerardo geraldo: gerry jerry gerd gert gerrit geri
gertrude gertrud: trudy gerti trude
gilbert gilberto: gil bert
giovanni: gianni nino vanni gio
giuseppe joseph josef jose jozef josip: joe joey pepe beppe sepp jo peppe jef pepito chema juzek jupp jos
giuseppina josefa josephine josefina: jo josie pina fina pepa josy jozia
gregory gregor gregorio grzegorz: greg gregg goyo grzes
guillermo william guglielmo willem wilhelm guillaume: will bill billy willy memo liam guille wim willi bil willie helm
gustav gustavo: gus tavo gustl
hans johannes john johann jan juan jean ivan giovanni ioan joao jon: johnny jack hansi jo jonny juanito hannes jannik jhon jasiek janek jansen johan
harold harald: harry hal
helen helena helene elena ellen: nell nellie lena lenka leni hela lenchen ela
henry heinrich enrique henri enrico hendrik henryk heinz: harry hank heiner heini quique rico rik henk kike hal henrik heniek
herbert heribert: herb bert herbie
hermann herman: hermi
hieronymus jerome geronimo jeronimo: jerry
howard: howie
hubert: bert hub hubi
hugh hugo: hughie
ignatius ignacio ignacy ignaz: nacho iggy nazi
irene irena irina: rena ira reni
isaac isaak: ike zac
jacqueline: jackie jacqui
jacob jakob jacques jakub jacobo giacomo jaap: jake jay kuba jack köbi jascha
james jaime santiago jacobus: jim jimmy jamie jem diego santi koos
janet jana jane johanna joanna juana jeanne giovanna janina: jan jo jenny hanna jany asia jannie hanne joan janie
jeffrey geoffrey jeffery: jeff geoff
jennifer: jen jenny jenn
jeremy jeremiah jeremias: jerry jem
jessica: jess jessie
jonathan: jon jonny nathan jo
jorge georg george giorgio jerzy georges: jurek schorsch georgie gino jori coque jürgen jörg
joshua josua: josh
judith judy: judi jutta jude
julia giulia juliana julie juliane: jule jul juli jules
julian julius julio jules giulio julien: jule jules juli
karen karin: kari
kenneth: ken kenny
kimberly: kim
lawrence laurence lorenz lorenzo laurent laurentius wawrzyniec: larry laurie lars renzo lenz enzo loz
leonard leonhard leonardo leon: leo len lenny leni
leopold leopoldo: leo poldi polde
leticia: leti
louis luis ludwig luigi lodewijk ludwik: lou louie lutz gigi luisito lui wiggerl lucho lodi
louise luisa luise ludwika: lou lulu gina
lucas lukas luca lucian luke lukasz: luc luk
lucia lucy luzie lucja: lucie luz luce
magdalena madeleine magdalene: magda lena maggie leni maddie malena
malgorzata margaret margarete margarita margherita marguerite margot margarethe: maggie meg peggy gosia greta gretchen rita marge margie gretel grete gocha madge daisy rita marga
marcus markus marco marc marek mark marcos: marc mark
maria marie mary miriam maryam: mia mimi molly polly mitzi marisa mariechen marysia mariquita mieke marijke
marianne mariana marianna: nanni mari
martha marta: marti patty
martin martino marcin: marty tino martl
mateo matthew matthias mathias matteo mateusz mathieu matthieu: matt matty hias teo matze mats mathis matti
maximilian massimiliano maksymilian maxime massimo: max maxi massi maks
melanie melania: mel melly
melissa: mel missy
michael michel michele miguel mikael mikhail michal: mike mick mickey micha mischa mitch michi misha miki mikel
michaela michelle micaela: micha shelly michi mika
monika monica monique: moni mona
nadia nadja nadine nadezda: nadi
natalie natalia nathalie: nat nata talia natasha
nathaniel nathan: nate nat
nicholas nikolaus nicolas nicola niccolo mikolaj nikolas nicolaus: nick nico klaus niko nicky claus niklas claas colas miki nik
nicole nicola nicoletta: nicky nic niki
norbert norberto: bert norbi
olivia: liv livia livvy
oliver olivier: olli ollie
oskar oscar: ossi
pamela: pam
patricia patrizia patrycja: pat patty trish tricia patsy patti pati
patrick patricio patrizio patryk: pat paddy patty
paul paolo pablo pawel pavel: pauli pol paulie
paula paola pauline paulina: pauli polly lina
penelope: penny nell
peter pedro pietro pierre piotr pieter petr: pete perico piet petey pit pepe peer piero piotrek
philip philipp felipe philippe filippo filip: phil pip flip pippo lipe
rachel raquel: rach
rafael raphael raffaele rafal: rafa raf rafi lello
raymond raimund ramon raimondo: ray mon
rebecca rebekka: becky becca bekki
reinhard reinhold reinhardt: rainer reini
ricardo richard riccardo ryszard: rick dick rich ricky richie rico ritchie rysiek
robert roberto rupert ruprecht: rob bob bobby robbie bert robby robin tito berto bertl
roderick rodrigo: rod rodri
roger rogelio ruediger: rog rudi
roland rolando orlando: roly
ronald: ron ronnie
rosa rosemary rosalia rosemarie: rosie rose romy rosi
rudolf rodolfo rudolph: rudi rudy rolf rodo
salvatore salvador: sal totò turi salva chava
samuel samuele: sam sammy samu
samantha: sam sammie
sara sarah: sally sadie sari
sebastian sebastiano sebastien: seb basti bastian bas sebas wastl
sergio serge sergei: serg checo
sigmund siegmund zygmunt: sigi ziggy
siegfried sigfrido: sigi friedl
simon simone szymon: si sim
sophie sofia zofia sophia: zosia sofi soph
stanislaus stanislaw stanislao: stan staszek
stephen stefan stephan stefano esteban etienne steven szczepan: steve stevie steffen stef fano steffl
stephanie stefanie stefania: steffi steph fanny stefi
susan susanne susanna suzanne zuzanna susana: sue susi suzy suzie zuza sanne
sylvester silvester silvestro: sly
theodor theodore teodoro tadeusz: ted theo teddy teo tadek thaddeus
theresa teresa therese: terry tess tessa resi tere tereska terri reese
thomas tomas tommaso tomasz: tom tommy thom tomek tomi maso
timothy timotheus timoteo: tim timmy timo teo
tobias: tobi toby
ulrich ulric: uli ulli utz
ulrike ulrika: uli rike ulli
urszula ursula: ulla uschi ula ursel
valentin valentino: val vale tino
valerie valeria: val vale
veronica veronika veronique: vera ronnie vroni nika roni
victor viktor vittorio: vic vico
victoria viktoria vittoria: vicky vicki tori wika vito
vincent vincenzo vicente vinzenz wincenty: vince vinnie enzo vinny vicen vin
virginia: ginny ginger
walter gualtiero walther: walt wally walti
werner: wern
wojciech adalbert: wojtek voytek
wolfgang: wolf wolfi
zachary zacharias: zach zack
yolanda jolanda: jola yoli
"""


@cache
def folded(text: str) -> str:
    """A name as the pass compares it: lower case, without accents and marks, ae/oe/ue as a/o/u.

    `core.normalise` keeps what identifies; this throws away what people write differently.
    """
    plain = text.casefold().translate(_LETTERS)
    plain = "".join(c for c in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(c))
    return re.sub(r"([aou])e", r"\1", re.sub(r"[^a-z]", "", plain))


_LETTERS = str.maketrans({"ß": "ss", "ø": "o", "ł": "l", "æ": "a", "œ": "o", "đ": "d", "ð": "d", "þ": "th", "ı": "i"})


@cache
def roots() -> dict[str, tuple[str, ...]]:
    """Every form and the roots it may stand for. A name that is in no line stands for itself."""
    found: dict[str, list[str]] = {}
    for line in _TABLE.strip().splitlines():
        full, _, short = line.partition(":")
        names = [folded(n) for n in full.split()]
        for name in dict.fromkeys([*names, *(folded(n) for n in short.split())]):
            found.setdefault(name, []).append(names[0] + "*")
    return {name: tuple(dict.fromkeys(r)) for name, r in found.items()}


def same_name(a: str, b: str) -> bool:
    """May these two given names be forms of one?"""
    a, b = folded(a), folded(b)
    return a == b or bool(set(roots().get(a, ())) & set(roots().get(b, ())))
