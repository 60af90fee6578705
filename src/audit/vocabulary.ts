/** Words by which names of contracts tell what they mean. Each list is matched against whole words of a name. */

/** `isAdminUser` → `is admin user`; at most 200 characters are read. */
export function spaced(name: string): string {
  return name
    .slice(0, 200)
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/([A-Z]+)([A-Z][a-z])/g, '$1 $2')
    .replace(/[^A-Za-z0-9]+/g, ' ')
    .toLowerCase()
    .trim()
}

/** Tests the words of a name; results are remembered, for contracts repeat their names. */
export function named(pattern: RegExp): (name: string) => boolean {
  const known = new Map<string, boolean>()
  return (name) => {
    let result = known.get(name)
    if (result === undefined) {
      result = pattern.test(spaced(name))
      if (known.size < 50_000) known.set(name, result)
    }
    return result
  }
}

/** Values that make a request somebody's. */
export const isCredential: (name: string) => boolean = named(
  /\b(?:client secret|secret|secret key|token|access token|refresh token|id token|auth token|password|passwd|pwd|passphrase|api ?key|private key|jwt|session ?id)$|\b(?:clientsecret|accesstoken|refreshtoken|idtoken|apikey)\b/,
)

/** Names that a reply must not show. */
export const isSensitive: (name: string) => boolean = named(
  /^(?:password|passwd|pwd|passphrase|password hash|hashed password|hash|salt|pin|cvv|cvc|cvv2|card number|credit card|creditcard|credit card number|pan|ssn|social security number|tax id|national id|iban|private key|secret|secret key|client secret|api secret|otp|totp secret|mfa secret|recovery codes?|security answer|reset token|password reset token)$/,
)

export const isPassword: (name: string) => boolean = named(/\b(?:password|passwd|pwd|passphrase)$/)

/** What only the API or its staff decides. */
export const isPrivileged: (name: string) => boolean = named(
  /^(?:role|roles|user role|is admin|admin|is superuser|superuser|is staff|is owner|permission|permissions|privilege|privileges|scope|scopes|groups?|access level|account type|user type|is verified|verified|email verified|is active|is approved|approved|balance|account balance|credit|credits|credit limit|available credit|discount|price|unit price|total price|total amount|is paid|paid|payment status|account status|kyc status|trust level|tier|plan|subscription plan|quota)$/,
)

/** Who an object belongs to. */
export const isOwner: (name: string) => boolean = named(
  /^(?:owner|owner id|user|user id|userid|uid|account id|customer id|customerid|client id|member id|author|author id|creator|creator id|created by|tenant id|tenant|organization id|organisation id|org id|company id|seller id|buyer id|patient id|employee id|merchant id|subject)$/,
)

/** What the API itself sets. */
export const isServerManaged: (name: string) => boolean = named(
  /^(?:id|uuid|guid|created at|created on|created|create time|creation date|updated at|updated on|updated|update time|modified at|modified|last modified|deleted at|created by|updated by|modified by|version|etag|revision)$/,
)

export const isUrlName: (name: string) => boolean = named(
  /(?:^|\b)(?:url|uri|href|link|endpoint|callback|webhook|webhooks|redirect|callback url|image url|avatar url|feed|proxy|remote|fetch|site|website|domain name)$/,
)

export const isRedirectName: (name: string) => boolean = named(
  /^(?:redirect|redirect ur[il]|redirect to|return|return ur[il]|return to|next|next ur[il]|continue|destination|goto|go to|forward|forward ur[il]|success ur[il]|cancel ur[il]|back ur[il])$/,
)

export const isHostName: (name: string) => boolean = named(
  /^(?:host|hostname|host name|server|server name|domain|ip|ip address|ipaddress|upstream|target host|target|proxy host|smtp host|db host)$/,
)

export const isFileName: (name: string) => boolean = named(
  /^(?:file|file ?name|file ?path|path|dir|directory|folder|template|template name|document path|include|page file|key path|log ?file)$/,
)

export const isCommandName: (name: string) => boolean = named(
  /^(?:cmd|command|exec|execute|shell|script|code|expression|eval|query|sql|where|filter|filters|sort|sort by|order|order by|orderby|jsonpath|xpath|regex|regexp|mongo query)$/,
)

export const isFieldsName: (name: string) => boolean = named(
  /^(?:fields|field|select|expand|include|includes|embed|projection|attributes|columns|with|relations|populate)$/,
)

/** A header or parameter that says who the caller is or what they may. */
export const isAuthorityName: (name: string) => boolean = named(
  /^(?:x )?(?:is admin|admin|user ?id|user|user name|username|role|roles|user role|user roles|permissions?|groups?|account ?id|customer ?id|tenant|tenant ?id|org ?id|organi[sz]ation ?id|impersonate|impersonate user|act as|on behalf of|authenticated user|auth user|auth subject|remote user|forwarded user|original user|client ip|real ip|forwarded for|forwarded host|is internal|internal|debug|bypass|skip auth)$/,
)

export const isSignIn: (text: string) => boolean = named(
  /\b(?:log ?in|sign ?in|signin|authenticate|auth|sessions?|token|tokens|oauth token|otp|verify otp|mfa|2fa|totp|one time|passcode|password|forgot|reset|recover|recovery|verify code|verification)\b/,
)

/** Business flows that harm when they run at a machine's speed. */
export const isSensitiveFlow: (text: string) => boolean = named(
  /\b(?:checkout|purchase|purchases|buy|order|orders|payment|payments|pay|transfer|transfers|withdraw|withdrawal|refund|refunds|coupon|coupons|voucher|vouchers|redeem|promo|promotion|gift|giftcard|gift card|reward|referral|invite|invites|invitation|register|registration|signup|sign up|reservation|reservations|reserve|booking|bookings|book|ticket|tickets|vote|votes|review|reviews|comment|comments|feedback|message|messages|subscribe|newsletter|contact|otp|sms|email|send|auction|bid|bids|trade)\b/,
)

/** Money and amounts. */
export const isBusinessNumber: (name: string) => boolean = named(
  /(?:^|\b)(?:quantity|qty|amount|price|total|cost|fee|discount|percent|percentage|units|credits|balance|tip|stake|bid|seats|nights|guests|count of items)$/,
)

export const isPayment: (text: string) => boolean = named(
  /\b(?:payment|payments|pay|charge|charges|transfer|transfers|withdraw|withdrawal|withdrawals|refund|refunds|payout|payouts|checkout|order|orders|purchase|purchases|booking|bookings)\b/,
)

export const isStaffPath: (text: string) => boolean = named(
  /\b(?:admin|admins|administration|administrator|staff|backoffice|back office|internal|management|superuser|root|moderator|moderation|operator)\b/,
)

export const isDebugPath: (text: string) => boolean = named(
  /\b(?:debug|test|tests|createdb|resetdb|seed|env|environment|metrics|actuator|heapdump|threaddump|trace|phpinfo|console|internal|swagger|api docs|graphiql|playground|dump|backup|config|configuration|mock|dev|staging|temp|tmp|old|beta|jolokia|pprof|server status)\b/,
)

/** A verb that changes something. */
export const changesState: (text: string) => boolean = named(
  /^(?:create|add|insert|delete|remove|destroy|drop|update|edit|change|modify|set|reset|save|write|upload|import|send|cancel|approve|reject|enable|disable|activate|deactivate|block|unblock|ban|unban|transfer|pay|purchase|buy|redeem|register|unregister|logout|log out|sign out|signout|revoke|grant|promote|demote|restart|stop|start|shutdown|execute|run|trigger|purge|clear|rotate|archive|restore|publish|unpublish|subscribe|unsubscribe)\b/,
)

/** A search, report or export: much work for one request. */
export const isExpensive: (text: string) => boolean = named(
  /\b(?:search|export|exports|report|reports|download|downloads|upload|uploads|import|bulk|batch|generate|render|convert|analytics|aggregate|sync|resize|thumbnail|transcode|pdf|zip|archive)\b/,
)

/** Texts that people outside write. */
export const isFreeText: (name: string) => boolean = named(
  /^(?:comment|comments|review|reviews|description|body|message|messages|content|text|bio|about|note|notes|feedback|summary|caption|post|reply|answer|question|subject|headline|biography|remarks|instructions)$/,
)
