import { foldTable } from './fold-table.ts'
import { boundaryToken, hashWord, type Tokens } from './tokens.ts'

/** What a word can be in an instruction. Bits, since a word can be several. */
export const wordClass = {
  /** give up what was said: ignore, forget, override */
  ignore: 1,
  /** what was said before */
  prior: 2,
  /** instructions, rules, prompts */
  instruction: 4,
  /** the one who is addressed: assistant, model */
  model: 8,
  /** to answer: print, reveal, repeat, respond */
  output: 16,
  /** to bring out of the house: send, forward, transfer */
  send: 32,
  /** what must not get out: password, credentials */
  secret: 64,
  /** urgent, important, mandatory */
  urgent: 128,
  /** you, your */
  you: 256,
  /** the person behind the agent */
  user: 512,
  /** now, from now on */
  now: 1024,
  /** another role: act, pretend, persona, mode */
  role: 2048,
  /** system, developer, hidden, initial */
  system: 4096,
  /** not, never, without */
  not: 8192,
  /** to tell somebody: mention, inform, notify */
  tell: 16384,
  /** new, real, following */
  fresh: 32768,
  /** only, exactly, nothing but */
  only: 65536,
  /** without limits: unrestricted, jailbreak */
  free: 131072,
  /** destroy: delete, erase */
  destroy: 262144,
  /** Not a word: one that was written backwards. Says only that another reading is worth while. */
  backwards: 524288,
  /** Likewise: one in rot13. */
  rotated: 1048576,
  /** to ask for something: please, could, need */
  ask: 2097152,
  /** what an agent can be made to do: create, cancel, book, install */
  act: 4194304,
  /** the one who speaks: my, me, we */
  my: 8388608,
  /** who, what, which, how */
  question: 16777216,
  /** what an assistant gives back: answer, response, summary */
  reply: 33554432,
  /** where to go: link, website, click */
  link: 67108864,
  /** the order of things: before, then, first, instead */
  order: 134217728,
  /** code, script, snippet */
  code: 268435456,
  /** Not a word: where a sentence begins. */
  start: 536870912,
} as const

/** Classes that words of a language have, and beginnings of sentences. */
export const wordClasses: number = ~(wordClass.backwards | wordClass.rotated)

export type WordClass = keyof typeof wordClass

/** Words by class; several languages, since an instruction works in any that the model reads. */
const words: Readonly<Record<WordClass, string>> = {
  ignore: `ignore ignoring ignored disregard disregarding forget override overrides overriding bypass neglect discard dismiss abandon omit supersede supersedes
    ignora ignorad ignoren olvida olvide olviden olvidad descarta descarte omite omita ignorez oublie oubliez oublier ignorer negligez ignoriere ignorieren ignoriert
    vergiss vergesst vergessen missachte missachten ignorate ignori dimentica dimenticate trascura esqueca esqueçam desconsidere desconsiderar negeer vergeet
    игнорируй игнорируйте игнорировать забудь забудьте проигнорируй проигнорируйте ігноруй ігноруйте zignoruj ignoruj zapomnij pomin yoksay unut ignorera glom
    abaikan lupakan تجاهل تجاهلوا انس अनदेखा भूल 무시하고 무시해 무시하세요 무시하십시오 잊어 잊으세요`,
  prior: `previous previously prior above preceding earlier foregoing former original initial existing before all any every
    anterior anteriores previas previos previa todas todos precedentes precedente anterieures toutes precedent vorherigen vorige vorigen vorherige bisherigen bisherige obigen obige
    alle allen fruheren precedenti precedentemente prima eerdere bovenstaande предыдущие предыдущих предыдущую прошлые прежние прежних все всех попередні poprzednie poprzednich wszystkie
    wczesniejsze onceki yukaridaki tum foregaende tidigare sebelumnya السابقة السابقه पिछले सभी 이전 이전의 위의 모든`,
  instruction: `instruction instructions directive directives prompt prompts rule rules guideline guidelines command commands order orders guidance programming restriction restrictions task tasks
    instrucciones instruccion indicaciones ordenes reglas consignes consigne directives regles anweisung anweisungen instruktion instruktionen regeln befehle vorgaben istruzioni istruzione regole
    instrucoes instrucao regras ordens instructies opdrachten инструкции инструкций инструкцию указания указаний правила команды інструкції instrukcje instrukcji polecenia talimatlari talimatlar kurallari
    instruktioner instruksi perintah التعليمات تعليمات الأوامر निर्देश निर्देशों 지시 지시를 지시사항 지침 지침을 명령 명령을`,
  model: `ai ais llm llms assistant assistants chatbot chatbots chatgpt gpt claude gemini copilot copilots agent agents model models bot bots crawler crawlers automated
      ia ki inteligencia intelligence intelligenza kunstliche sprachmodell taalmodel linguistico asistentes assistants modeles modellen modelli modelos ассистенту ассистента ии asystenta asystencie asistana
    asistente modelo modele assistent modell assistente модель ассистент помощник asystent asistan 어시스턴트 인공지능 المساعد`,
  output: `print output outputs repeat reveal display respond reply answer say write show return state echo recite summarize translate
    imprime muestra revela responde escribe repite affiche reponds repondez repete ecris revele zeige antworte wiederhole schreibe gib drucke mostra rispondi ripeti scrivi rivela imprima revele mostre responda
    escreva repita toon antwoord herhaal выведи выведите покажи покажите ответь ответьте напиши напишите повтори раскрой wyswietl odpowiedz pokaz napisz yazdir goster 출력 출력하세요 대답 اطبع اكتب`,
  send: `send sends forward email transfer share post upload exfiltrate leak wire transmit deliver submit mail pay invite
    envia envie envía enviar transfiere reenvia envoie envoyez envoyer transferez sende senden schicke uberweise weiterleiten invia inviare trasferisci inoltra stuur verzend doorsturen
    отправь отправьте перешли перешлите переведи переведите надішли wyslij przeslij przelej gonder 보내 보내세요 전송 أرسل ارسل kirim`,
  secret: `password passwords passcode credential credentials token tokens secret secrets apikey cookie cookies ssh keys key confidential private pin history conversation
    contrasena contraseñas contrasenas clave claves secreto motdepasse identifiants passwort passworter kennwort zugangsdaten segreto credenziali senha senhas wachtwoord пароль пароли секрет haslo hasla sifre 비밀번호 كلمة`,
  urgent: `important urgent urgently attention critical mandatory immediately must priority warning crucial essential vital imperative
    importante urgente atencion obligatorio inmediatamente attention immediatement obligatoire wichtig dringend achtung sofort importante subito atenzione imediatamente belangrijk dringend важно срочно внимание немедленно wazne pilne natychmiast onemli acil 중요 긴급 مهم عاجل`,
  you: `you your yours yourself youre tu tus usted su vous votre vos toi du dein deine deinen ihr ihre sie vuoi tuo tue voi voce seu sua jij jouw uw ты вы твои ваши тебе вам ty twoje sen siz 당신 너 당신은 أنت तुम आप`,
  user: 'user users human humans owner customer usuario utilisateur benutzer nutzer utente usuario gebruiker пользователь пользователю uzytkownik kullanici 사용자 사용자에게 المستخدم',
  now: 'now henceforth onwards instead hereafter ahora desormais maintenant jetzt nun adesso agora nu теперь отныне сейчас teraz odtad artik simdi 이제 지금부터 الآن अब',
  role: `act acting pretend roleplay persona role character mode behave impersonate become simulate actua finge papel role agis joue rolle verhalte spiele agisci fingi aja finja gedraag действуй притворись роль zachowuj udawaj davran 역할 역할을`,
  system: `system developer admin administrator root sudo hidden initialization base sistema desarrollador systeme developpeur systems entwickler sviluppatore системный системные systemowy sistem 시스템 النظام`,
  not: 'not never dont without nobody no nunca sin jamais sans pas nicht niemals ohne mai senza non nunca sem nao nooit niet zonder не никогда без nie nigdy bez 않고 말고 لا',
  tell: `tell mention inform notify alert disclose warn acknowledge digas menciones avises dites mentionnez informez sage erwahne informiere dire menzionare informare diga mencione informe vertel meld говори сообщай упоминай mow wspominaj 말하지 알리지`,
  fresh: `new real actual updated additional next following true revised nueva nuevas nuevo nouvelles nouvelle nouveau neue neuen neuer nuove nuova nuovo novas nova novo nieuwe новые новая новое новых nowe nowa yeni 새로운 새 جديدة नए`,
  only: `only exactly solely entirely exclusively verbatim solo solamente exactamente unicamente seulement uniquement exactement nur ausschliesslich ausschließlich exakt soltanto esattamente somente apenas exatamente alleen uitsluitend только исключительно tylko wylacznie sadece yalnizca 오직`,
  free: 'unrestricted unfiltered uncensored jailbreak jailbroken dan unlimited unbound godmode adminoverride sinrestricciones',
  backwards: 'eht dna uoy ruoy morf htiw taht siht',
  rotated: 'gur naq lbh lbhe sebz jvgu gung guvf',
  ask: `please kindly can could would should need needs want wants require required requires ensure make sure let todo
    por favor puedes podrias necesito quiero veuillez plait pouvez pourriez besoin bitte kannst konnten konntest musst sollst favore puoi potresti devi pode poderia preciso alsjeblieft kunt пожалуйста можешь нужно prosze mozesz lutfen 부탁 请 प्लीज`,
  act: `accept activate add adjust apply approve archive arrange assign attach authorize authorise begin block book buy call cancel change charge check clear click close comment commit compile
    complete compose configure confirm connect contact convert copy create deactivate decline define delete deploy deposit describe disable dismiss download draft edit email enable encrypt enter execute
    exchange export extend extract fetch fill find fix follow generate get give go grant hide import include increase insert install invite issue join keep launch list load lock log look
    merge message modify move note notify open order pay perform pick place play post prepare process provide publish purchase push put query read recommend record redeem reduce refund register reject
    release reload remove rename renew repeat replace report request reschedule reserve reset restart restore retrieve return review revoke rewrite run save scan schedule search select sell send set share
    ship show sign solve start stop store submit subscribe switch take tell test trade transfer translate trigger turn type uninstall unlock unsubscribe update upgrade upload use verify view visit vote withdraw write
    crea borra anade agrega cambia busca abre compra paga cancela cree ajoute supprime change cherche ouvre achete paye annule erstelle losche andere suche offne kaufe bezahle storniere crea aggiungi cambia cerca apri compra paga annulla crie adicione mude procure abra compre pague cancele
    создай удали добавь измени найди открой купи оплати отмени utworz dodaj zmien znajdz otworz kup`,
  my: `my me i im we our us mine myself mi mis mon ma mes mein meine meinen mir mich mio mia miei meu minha mijn mij мой моя мои мне меня moj moje mnie benim bana 我的`,
  question: `who what which where when how why whose whom quien que cual cuando donde como qui quoi quel quelle comment pourquoi wer was welche wann warum wie chi cosa quale quando dove quem qual onde кто что какой когда где почему`,
  reply: `answer answers response responses reply replies output outputs summary conclusion explanation text translation analysis conversation message chat context result completion
    respuesta respuestas reponse reponses antwort antworten risposta risposte resposta respostas antwoord ответ ответе ответа odpowiedz yanit`,
  link: `link links url website site page http https www click visit browse enlace sitio pagina lien seite webseite sito ссылка ссылку сайт strona`,
  order: `before after then first instead next once prior until finally also additionally beforehand afterwards following subsequently immediately begin start
    antes despues luego primero avant apres puis ensuite abord vor nach dann zuerst stattdessen prima dopo poi primo depois primeiro voordat daarna eerst прежде затем сначала потом najpierw potem once sonra`,
  code: `code snippet script function block line lines program import class method module codigo bloque skript funktion zeile codice bloco код`,
  start: '',
  destroy:
    'delete erase wipe destroy remove drop elimina borra supprime supprimez efface losche loschen cancella exclua apague verwijder удали удалите usun sil 삭제 احذف',
}

/** Han and kana stand for themselves, so their words are pairs of tokens: the first sign bears the class where the second follows. */
const pairs: Readonly<Partial<Record<WordClass, string>>> = {
  ignore: '忽略 无视 無視 忘记 忘記 忽視 忘れ',
  prior: '之前 以上 先前 所有 上述 以前 上記 前述 全て すべ 此前',
  instruction: '指令 指示 提示 说明 規則 规则 命令 説明 任务 設定',
  model: '助手 模型 智能 アシ モデ',
  output: '输出 輸出 打印 显示 回答 回复 表示 出力 重复 透露',
  send: '发送 發送 转发 转账 送信 送金 汇款',
  secret: '密码 密碼 密钥 凭证 秘密 机密',
  urgent: '重要 紧急 緊急 注意 必须 立即',
  you: '你的 你是 你现 您的 あな',
  user: '用户 使用 ユー',
  now: '现在 從現 从现 今か 今後 今后',
  role: '扮演 角色 役割 假装 模式',
  system: '系统 系統 シス 开发',
  not: '不要 不得 切勿 しな',
  tell: '告诉 提及 通知 告知 伝え',
  fresh: '新的 新し 以下 次の',
  only: '仅仅 只能 のみ だけ 只需',
}

/** One step of the lookup of a pair: hashes of both signs. */
const pairBits = new Map<number, Map<number, number>>()
const wordBits = new Map<number, number>()
/** Sixteen bits of a hash → whether the maps need to be asked at all. */
const filter = new Uint8Array(65536)

let ready = false

/** Folds a word as the tokenizer does. */
function folded(word: string): string {
  const fold = foldTable()
  let made = ''
  for (let i = 0; i < word.length; i++) {
    const code = fold[word.charCodeAt(i)] as number
    if (code > 15) made += String.fromCharCode(code)
  }
  return made
}

function prepare(): void {
  for (const name of Object.keys(words) as WordClass[])
    for (const word of words[name].split(/\s+/)) {
      if (word === '') continue
      const hash = hashWord(folded(word))
      wordBits.set(hash, (wordBits.get(hash) ?? 0) | wordClass[name])
      filter[hash & 0xffff] = 1
    }
  for (const name of Object.keys(pairs) as WordClass[])
    for (const word of (pairs[name] ?? '').split(' ')) {
      const first = hashWord(folded(word[0] ?? ''))
      const second = hashWord(folded(word[1] ?? ''))
      const after = pairBits.get(first) ?? new Map<number, number>()
      after.set(second, (after.get(second) ?? 0) | wordClass[name])
      pairBits.set(first, after)
      filter[first & 0xffff] = 1
    }
  addDisguises()
  wordBits.set(boundaryToken, wordClass.start)
  filter[boundaryToken & 0xffff] = 1
  ready = true
}

/** Words of the lexicon written backwards and in rot13, where they are no words by that. */
function addDisguises(): void {
  for (const word of Object.values(words).flatMap((some) => some.split(/\s+/))) {
    if (!/^[a-z]{5,}$/.test(word)) continue
    addOnce(hashWord(Array.from(word).reverse().join('')), wordClass.backwards)
    addOnce(hashWord(rotate(word)), wordClass.rotated)
  }
}

function addOnce(hash: number, bits: number): void {
  if (wordBits.has(hash)) return
  wordBits.set(hash, bits)
  filter[hash & 0xffff] = 1
}

/** Letters thirteen places further (rot13). */
export function rotate(text: string): string {
  return text.replace(/[A-Za-z]/g, (letter) => {
    const code = letter.charCodeAt(0)
    const base = code < 97 ? 65 : 97
    return String.fromCharCode(((code - base + 13) % 26) + base)
  })
}

/** True for a word of some length that is in a class. */
export function isLexical(word: string): boolean {
  if (!ready) prepare()
  return word.length > 2 && wordBits.has(hashWord(folded(word)))
}

/** Word classes of the tokens of a text; `any` has the bits of all of them. */
export class Classes {
  bits: Int32Array = new Int32Array(1024)
  any = 0

  /** One pass; a word that is in no class costs one look into a table of bytes. */
  read(tokens: Tokens): void {
    if (!ready) prepare()
    const { count, hashes } = tokens
    if (this.bits.length < count) this.bits = new Int32Array(hashes.length)
    const { bits } = this
    let any = 0
    for (let i = 0; i < count; i++) {
      const hash = hashes[i] as number
      let own = 0
      if (filter[hash & 0xffff] === 1) {
        own = wordBits.get(hash) ?? 0
        if (own === 0 && i + 1 < count) own = pairBits.get(hash)?.get(hashes[i + 1] as number) ?? 0
        any |= own
      }
      bits[i] = own
    }
    this.any = any
  }
}
