/** The words of choosing by what one signs in. */

export const ENTER_ZH = {
  how: "登录方式",
  way: { certificate: "数字证书(UKey)", passkey: "手机扫码", code: "一次性代码" },
  why: {
    certificate: "由本机 UKey 签名程序(tongchang ukey)签名登录;PIN 只在该程序中输入。",
    passkey: "用已绑定证书的手机通行密钥扫码登录,无需 UKey。首次使用请先在席位上绑定一次。",
    code: "使用招标代理发放的一次性代码。代码只用于登录,不能评分、表决或签字。",
  },
  submit: { certificate: "用 UKey 登录", passkey: "显示登录二维码", code: "登录" },
  holding: "请在 UKey 签名程序中核对网址,并输入 PIN……",
  late: "二维码已过期,没有登录。请重新显示。",
};

export const ENTER_EN: typeof ENTER_ZH = {
  how: "Sign in by",
  way: { certificate: "Certificate (UKey)", passkey: "Phone", code: "One-time code" },
  why: {
    certificate: "The UKey program on this machine (tongchang ukey) signs; the PIN is typed there and nowhere else.",
    passkey: "Scan with a phone whose passkey is bound to your certificate; no UKey is needed. Bind it once at your seat first.",
    code: "With the code that the tender agent gave you. A code lets you in; it never scores, votes or signs.",
  },
  submit: { certificate: "Sign in with the UKey", passkey: "Show the code to scan", code: "Sign in" },
  holding: "Check the address in the UKey program, and type the PIN there…",
  late: "The code is out of date, and nobody has signed in. Show a new one.",
};
