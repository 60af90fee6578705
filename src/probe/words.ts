import { wordsOf } from '../contract/objects/noun.ts'

/** Tests the words of a name: `isAdminUser`, `is_admin_user` and `IsAdminUser` are `is admin user`. */
function named(pattern: RegExp): (name: string) => boolean {
  return (name) => pattern.test(wordsOf(name.slice(0, 200)).join(' '))
}

/** What never belongs in a reply. */
export const isSecretName: (name: string) => boolean = named(
  /\b(?:password|passwd|pwd|passphrase|passcode|password hash|hashed password|hash|salt|pin|pin code|cvv|cvc|cvv2|card number|credit card|credit card number|pan|ssn|social security number|tax id|national id|private key|secret|secret key|client secret|api secret|api key|otp|otp code|mfa secret|totp secret|two factor secret|reset token|password reset token|security answer|mfa code|recovery codes?)$/,
)

/** What the operator knows and its customers should not. */
export const isInternalName: (name: string) => boolean = named(
  /(?:^|\b)(?:internal|margin|markup|cost price|purchase price|wholesale price|internal notes?|admin notes?|staff notes?|private notes?|risk score|fraud score|credit score|is blacklisted|debug|stack|stack trace|sql|query plan|internal id|ip address|last login ip|salary|feature flags?|is deleted|deleted)$|^internal\b/,
)

/** A person's data. */
export const isPersonalName: (name: string) => boolean = named(
  /\b(?:email|e mail|mail|phone|phone number|mobile|telephone|address|street|address line|zip|postcode|postal code|birth date|birthdate|date of birth|dob|birthday|iban|account number|routing number|balance|salary|income|passport|passport number|licen[cs]e number|medical|diagnosis|allergies|prescription|card|last4|latitude|longitude|location|vin|note|notes|total|amount)$/,
)

/** What only the API or its staff decides. */
export const isPrivilegedName: (name: string) => boolean = named(
  /^(?:role|roles|user role|is admin|admin|is superuser|superuser|is staff|staff|permission|permissions|privilege|privileges|access level|account type|user type|is verified|verified|email verified|is approved|approved|balance|account balance|wallet balance|credit|credits|credit limit|available credit|discount|discount percent|price|unit price|total|total price|total amount|amount|margin|is paid|paid|payment status|account status|kyc status|kyc level|trust level|tier|plan|subscription plan|quota|status|is active|loyalty points|points|level|rank)$/,
)

/** Who an object belongs to. */
export const isOwnerName: (name: string) => boolean = named(
  /^(?:owner|owner id|user|username|user name|user id|userid|uid|account id|customer id|customerid|client id|member id|author id|creator id|created by|tenant id|organi[sz]ation id|org id|company id|seller id|buyer id|patient id|employee id|merchant id)$/,
)

/** Functions of staff, by the words of a path, tag, id or scope. */
export const isStaffWord: (text: string) => boolean = named(
  /\b(?:admin|admins|administration|administrator|staff|backoffice|back office|internal|management|superuser|root|moderator|moderation|audit logs?|impersonate|promote|demote|ban|unban|suspend)\b/,
)

export const isSignInWord: (text: string) => boolean = named(
  /\b(?:log ?in|sign ?in|signin|authenticate|auth token|create token|obtain token|otp|verify otp|mfa|2fa|totp|passcode|verify code|session|sessions|token)\b/,
)

export const isSignUpWord: (text: string) => boolean = named(/\b(?:register|registration|sign ?up|signup)\b/)

export const isUrlName: (name: string) => boolean = named(
  /(?:^|\b)(?:url|uri|href|link|endpoint|callback|webhook|webhooks|redirect|callback url|image url|avatar url|avatar|feed|proxy|remote|fetch|site|website|domain|host|server|target|source|src|image|picture|photo|logo|import|preview)$/,
)

/** Where a caller is sent on to. */
export const isRedirectName: (name: string) => boolean = named(
  /^(?:next|return|return to|return url|return path|continue|continue to|dest|destination|redir|redirect|redirect to|redirect ur[li]|rurl|go|go to|goto|forward|forward to|back|back to|to|success url|cancel url|target|url|uri|link|out)$/,
)

/** What somebody signs in with, as the last word of a path. */
export const isCredentialWord: (text: string) => boolean = named(
  /\b(?:passwords?|passcode|pin|mfa|2fa|totp|e ?mail|user ?name|phone|credentials?)$/,
)

/** A GET that does something all the same: it is never sent. */
export const isHarmfulWord: (text: string) => boolean = named(
  /\b(?:create(?!d)\w{0,12}|reset(?!s)\w{0,8}|re ?seed\w{0,8}|seed ?(?:db|database|data)|populate(?!d)\w{0,8}|init ?(?:db|database|data)|drop(?:db| db| table| all)|delete(?!d)\w{0,8}|remove(?!d)\w{0,8}|wipe|purge|truncate|shut ?down|restart|reboot|log ?out|sign ?out|revoke(?!d)|unsubscribe)\b/,
)

/** Which of a collection: `/posts/recent`. */
export const isQualifier: (text: string) => boolean = named(
  /^(?:recent|all|latest|newest|search|list|mine|my|own|top|popular|trending|featured|active|current|add|new|create|register|signup)$/,
)

/** Wider than one call usually needs. */
export const isPageSizeName: (name: string) => boolean = named(
  /^(?:limit|page size|pagesize|per page|perpage|size|count|top|max results|max|first|take|rows|num|n)$/,
)

/** By which a person is reached or found out. */
export const isContactName: (name: string) => boolean = named(
  /\b(?:email|e mail|phone|phone number|mobile|telephone|home address|street|street address|birth date|birthdate|date of birth|dob|iban|account number|balance|salary|passport|passport number|medical|diagnosis|card|last4)$/,
)

/** What is written to be read by everybody, by the last word of a collection. */
export const isPublicCollection: (name: string) => boolean = named(
  /\b(?:posts?|articles?|reviews?|comments?|products?|recipes?|listings?|ads?|events?|hotels?|flights?|movies?|films?|songs?|albums?|artists?|photos?|videos?|questions?|answers?|topics?|threads?|tags?|categor(?:y|ies)|news|blogs?|feeds?|courses?|pages?|stores?|shops?|restaurants?|menus?|brands?|cities|countries|offers?|books?|authors?|ratings?|polls?|faqs?|catalog(?:ue)?)$/,
)

/** People’s own objects, by the last word of a collection. */
export const isPrivateCollection: (name: string) => boolean = named(
  /\b(?:orders?|bookings?|reservations?|invoices?|payments?|transactions?|transfers?|accounts?|cards?|wallets?|messages?|chats?|addresses|prescriptions?|appointments?|records?|claims?|polic(?:y|ies)|documents?|files?|notes?|carts?|baskets?|calendars?|contacts?|devices?|vehicles?|tickets?|reports?|statements?|loans?|subscriptions?|notifications?|api ?keys?|profiles?|users?|customers?|members?|patients?|employees?)\b/,
)
