/*
 * The glyphs of the simulated receipt printer: 12x24 (font A) and 8x16 (font B) dots.
 * Made from the bold sizes 24 and 16 of "Terminus Font" 4.48 by taking the characters of the printer's code pages and
 * changing the format. This file alone is under the following licence; the code around it is not.
 *
 * SPDX-License-Identifier: OFL-1.1
 * Copyright (c) 2010-2014 Dimitar Toshkov Zhekov, with Reserved Font Name "Terminus Font".
 *
 * -----------------------------------------------------------
 * SIL OPEN FONT LICENSE Version 1.1 - 26 February 2007
 * -----------------------------------------------------------
 *
 * PREAMBLE
 * The goals of the Open Font License (OFL) are to stimulate worldwide
 * development of collaborative font projects, to support the font creation
 * efforts of academic and linguistic communities, and to provide a free and
 * open framework in which fonts may be shared and improved in partnership
 * with others.
 *
 * The OFL allows the licensed fonts to be used, studied, modified and
 * redistributed freely as long as they are not sold by themselves. The
 * fonts, including any derivative works, can be bundled, embedded,
 * redistributed and/or sold with any software provided that any reserved
 * names are not used by derivative works. The fonts and derivatives,
 * however, cannot be released under any other type of license. The
 * requirement for fonts to remain under this license does not apply
 * to any document created using the fonts or their derivatives.
 *
 * DEFINITIONS
 * "Font Software" refers to the set of files released by the Copyright
 * Holder(s) under this license and clearly marked as such. This may
 * include source files, build scripts and documentation.
 *
 * "Reserved Font Name" refers to any names specified as such after the
 * copyright statement(s).
 *
 * "Original Version" refers to the collection of Font Software components as
 * distributed by the Copyright Holder(s).
 *
 * "Modified Version" refers to any derivative made by adding to, deleting,
 * or substituting -- in part or in whole -- any of the components of the
 * Original Version, by changing formats or by porting the Font Software to a
 * new environment.
 *
 * "Author" refers to any designer, engineer, programmer, technical
 * writer or other person who contributed to the Font Software.
 *
 * PERMISSION & CONDITIONS
 * Permission is hereby granted, free of charge, to any person obtaining
 * a copy of the Font Software, to use, study, copy, merge, embed, modify,
 * redistribute, and sell modified and unmodified copies of the Font
 * Software, subject to the following conditions:
 *
 * 1) Neither the Font Software nor any of its individual components,
 * in Original or Modified Versions, may be sold by itself.
 *
 * 2) Original or Modified Versions of the Font Software may be bundled,
 * redistributed and/or sold with any software, provided that each copy
 * contains the above copyright notice and this license. These can be
 * included either as stand-alone text files, human-readable headers or
 * in the appropriate machine-readable metadata fields within text or
 * binary files as long as those fields can be easily viewed by the user.
 *
 * 3) No Modified Version of the Font Software may use the Reserved Font
 * Name(s) unless explicit written permission is granted by the corresponding
 * Copyright Holder. This restriction only applies to the primary font name as
 * presented to the users.
 *
 * 4) The name(s) of the Copyright Holder(s) or the Author(s) of the Font
 * Software shall not be used to promote, endorse or advertise any
 * Modified Version, except to acknowledge the contribution(s) of the
 * Copyright Holder(s) and the Author(s) or with their explicit written
 * permission.
 *
 * 5) The Font Software, modified or unmodified, in part or in whole,
 * must be distributed entirely under this license, and must not be
 * distributed under any other license. The requirement for fonts to
 * remain under this license does not apply to any document created
 * using the Font Software.
 *
 * TERMINATION
 * This license becomes null and void if any of the above conditions are
 * not met.
 *
 * DISCLAIMER
 * THE FONT SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND,
 * EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO ANY WARRANTIES OF
 * MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT
 * OF COPYRIGHT, PATENT, TRADEMARK, OR OTHER RIGHT. IN NO EVENT SHALL THE
 * COPYRIGHT HOLDER BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY,
 * INCLUDING ANY GENERAL, SPECIAL, INDIRECT, INCIDENTAL, OR CONSEQUENTIAL
 * DAMAGES, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING
 * FROM, OUT OF THE USE OR INABILITY TO USE THE FONT SOFTWARE OR FROM
 * OTHER DEALINGS IN THE FONT SOFTWARE.
 */

/** The characters in the order of their glyphs. */
export const CHARACTERS =
  " !\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~ ¡¢£¤" +
  "¥¦§¨©ª«¬­®¯°±²³´µ¶·¸¹º»¼½¾¿ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÐÑÒÓÔÕÖ×ØÙÚÛÜÝÞßàáâãäåæçèéêëìíîïðñòóôõö÷øùúûüýþÿĂăĄąĆćČčĎ" +
  "ďĐđĘęĚěıĹĺĽľŁłŃńŇňŐőŒœŔŕŘřŚśŞşŠšŢţŤťŮůŰűŸŹźŻżŽžƒˆˇ˘˙˛˜˝ΓΘΣΦΩαδεπστφЁЄЇЎАБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬ" +
  "ЭЮЯабвгдежзийклмнопрстуфхцчшщъыьэюяёєїў–—‗‘’‚“”„†‡•…‰‹›ⁿ₧€№™∙√∞∩≈≡≤≥⌐⌠⌡─│┌┐└┘├┤┬┴┼═║╒╓╔╕╖╗╘╙╚╛╜╝╞╟╠╡" +
  "╢╣╤╥╦╧╨╩╪╫╬╭╮╯╰╱╲╳▀▁▂▃▄▅▆▇█▉▊▋▌▍▎▏▐░▒▓■○●♠♣♥♦";

/** Rows of 12x24 dots, glyph after glyph, eight dots a byte, left and top first; deflated, base64. */
export const FONT_A =
  "eNqtW81rHMkV73ablgNtjSGXkS3UPoRcnEMLwaAF4RHJ35BzSjuhTWBAgoDZsImnxSwiB4GvOgQ7EHLI5uKwxyRsK1paF2FyNBhCL4bZyxL3ZsEZh8lM" +
  "qrqqp7uqXr2uESkKM5bevKp679XvfdST49gO3yHNWf2kHhvHZ2wmLXw42ejLM+mD9C3iu9NeFsc+6blTP439OO6dT/mi9fBOh9mrD5LIY9tIA/c39wa9" +
  "7VQiWXdfbI+728cv1t3JTrxJsuDgordF9EO1DLpE4KRdNxGTLucQT6ahP/TZD6Nqsl11ATkGbD+dOdvbSWBYsNzV2nwp6rbBT5HCv1ybO6tpWRn86Es5" +
  "J116PJkiHAeEamuyNYjj4aOTI/p5EISJwjnf8ohiRf0U4lNKjsmcruo7o1yjEcedliIH1nLIupv3fJJ1Bz5j+GiuC3I0EZsYJQH/pPMJLyqak3Jj0LlG" +
  "E75hIRjQosS5Yj86n0YZzGdJQwZ+mHM2QT/BdWQ0D4VGtY2GeCM3KY25C5tPZTyKFgRrj5s941EyK/mCZxerEdDG+idBOnyYDbOrcmbDh5RpPzfIJ/aZ" +
  "zPlnRadCTUGtL/oZlHNthZBO66/7Jj5L+yFr0yU3RUogDSwf9quHJhurt/FoXn+WGYWJernoVPh4RcCgq5oUD8lFN1R0GgcHJ1Hspx+tOR8x8I0OqDQI" +
  "ADfKVM6e/MDP3269Hk6+GPrpchLgXEePToZxPIi3yAQ611jTBaKvyzY5N2Y82AuZ7cN8TGcv+TD+kWvEn1EOSsigU/O5BGhcBHSWXrLoaHzShni/GE5e" +
  "H27lX/vJfZUP50C/3nHPNsYBQyFioilMex5xXGqgh673cOklGzPUHGpUuVGf+couAyHFF9SetJ6hBHHFxljVjv3g2y7ha4XRL51F+GYJ1MC9kNFDxQ3F" +
  "itgE/JdfrxLDa0lWTWGBBR9+KMvQy7mTxexQ8JHWWi8dUO19oHOp9sM5b6H4U8KO46USCjnUvM+p1YkhND0ItsdRz0t7XrRNzVVea8tpx7rqRlNoaQwC" +
  "0mDnAtBD1xfAh/ogCIVUnQJQ9WjCsNeEY8IOs9JleDNGEftKHMUlO0okQa9B/l3GH9jG+JGpjkD8afJZirlvWKtUNIMgHX+g/ah2WKOQOT70EiKO7CXV" +
  "2YmXYLkMeC92ObizuVt9SHcNsLDHDr3nXHdUq7fcU2bkY2rPlYQGw9Lp14MJ9qK8PmtFdY98PXJL44BGXMz7swBgSq58QFOVv/C9WYUhsAzliKAx3GJ7" +
  "THE+3/G6ZRZGuXXdcR1v2GSLtcF/cvP5g7t/+uONF/TfP/xr/0fThsqpIw764jgzZ23WIm1ytTGO4iCNvWgjufKJIe4lFumXN8P3/Dnb893PH3z42YO7" +
  "8p5nNqcOhegK2xywkTM29c74JOLK9BPjWtQnKzqS9Mlu2wpDusuTrVEsibM/qcBiMGnQ2ael7dIIlokn6iOYoVbXgYm6zX6oxey4Z9R8gvOzHWpM8t3a" +
  "ZO7tbwG5YuIiLzfe9OKfPpG3X9Lcz4L0VamRv/TieJ8B2pOGeaRUWpvOh/EA4dPEjRIQZd/EYxs8b+I6xWlYoJW00GxeDHfaaPh9x2lYdJoUNrle/x2P" +
  "i6OLzkJ8oLOwyfWEbXD54Hkclw9Ow+WD0/Cz4zRCX2geJ/SF0gh9oTRCFxY5Yx3VHE70mJbrHc/jdDvU4yjdDnUa3Q51Gt0OdRrdDrG4zpeCFjgyfCzV" +
  "vnLtDuK5Hj87TsPPjtPwc1mu1ZrrCSvNsGi273dL2OwujeQoPj1M9LpoS97Ed4XTcAngNFz7OA2XEk7DUQin4ePj/I0fDZ7sjUrv8fNf5Ta5Xu2b1Nth" +
  "yOOk22GgkW6HgUayfAMN3w+ex/H94DR8PzgN3w9O03PTHk380fyL6x3P4wAU0vgAKATUsTUUMuwHpwFQCMIfcTHLMiwSBYW/C2oIGgQ/ge4gnusBKGS4" +
  "gzgNgEJWa9nUHFQUgtaq+VCICxOrujGnxO+7gQ8r+zsFXiMSNJJ1ofXnBiVQI6LQZMmnQWnkg9e6OY1NPQqPEyqljtr5wDESIGcNx1g90kurc1nU5yVJ" +
  "GvAQrDjV/r1878Dr4SBaqvFYuROcD6exqX1VBdN013OOOuK//QI8ESs1rbs5GGfa1OdFhGzAXnEuCz6wNZJGzm4XswGUGk2dOwR98cGP+gVYZ4uzvUHG" +
  "/bs/6OeGU5vfCzilqaanntrMh1Oa+CiIgbxNiFgLrR8a+Ehxi6EOKWgU5EH2wynx/RjeU6LyvRWveQoaIWf0XWbHzYO22imPDG3ebgDKBtZxK7XhA1A2" +
  "+Cw9IBLPC1u1eLupKaH6Kudpw6emhPhUumjnU1Mi9d6Udwyozxz0p3tVxNLSkcJ9HDp4hLB678RqNStmaYmIHttrmHa109oP+o7F2+g7c59D3Spg0oXo" +
  "22mMsm8HfYcdMLv9BZQ3PYz3zk+7Yp7sPVTeYVPWeGDzLlNhS8HDJPBtYjTx29+Avu1W6bD5DUhGGA9aa6cpIlHDZ5ZjUyNSM8q1AojrLGo73J6hpyj1" +
  "tcWq7yLTw3WtX8KiN8PGVjvnp1Fd7yvnZbD4mj1/r9Sb0ZB/Ub6qAO+DNr1Gy/p23fvUkI8kZwONfd9F58uTaOBLM1Z7Kuz7Llr6SWz6LiY+4MLIdXsz" +
  "8J6clXoqjPZMal3Ld/Aa/RKafPywKENtjSY6mJsMOtbHIA5zCxp5rXxdKdkB90sYw2GWDXsXYsYzsLcH5VPfCzI39c5dXolurqvD6sMwu0zh13Aqn7ph" +
  "j6zcdyH69NA919ZIQ/nLmQC01MJjQl5VQaGyCXC13oxas00IIrD/KvcBx8Y27/gq2pvrmXjfBYhCoL72v+8fffXscPlWjbz1LyHo2n0XFr7bqjcD78mB" +
  "Ueg6PQy+gkLaO/51+yVU/JG6yA6wF20cf2AaaK2jNfqzKUunmW3A/aul0mkM1BuwGf+SGJ5v14oD8SzbHTkG26ggyKQvgUKHMP5UL9FcenOP+2Cycs1c" +
  "sh8ekhnqvXitG7qncA9MszUXG50Ver/rvriSs2fRG+87QE3Atleh0fBH05kgpRNN08q/F9hZea2S8/mZuu2qU8J0l1Ua8RkcRXg8pbNjtyEA59ei17fz" +
  "x3UT+T8//uufX+amHgyWDFd91xCGK2ma9P1pd5lTmaU9Cwj3bFnn1fnpE0Gu7mfavWAx24LKpcNsPjo47cj7yYI4e/azySF5dzv/R/D2Jb3KM5LJXP77" +
  "3Xvb397b/uyeheTy0C1CB5ILjX6kruagm1756Z6bwjU9pEuNSynK2n3KHkXBVPxrvEoO2kK/LGs0mvAVssavaoWC3fh0ISRiWdZJVpq8imLAlsWigAEB" +
  "n7qcllmskaaTz9s5Uz5t+2F8WvcM7Afi07pnKp9WPhYyhPgAitBYiT/IQiekCPX42u1YhN+gfBhB0nWfb3xjpuEC1MSoyXC6wPdMCehST8/eyzSQQlXz" +
  "0KSxCAvY6VSTnoguppIBhqGZmbrWU7ptdC16InYulcxwLkmG2rlURUAEgL4M50LX0hQBEED6Mthz2/3C7VDwef4eO5fd3XkK3FOZ4Pl7iA9wkbVzAWvh" +
  "+hJrqefS/YFb7Hr4/Vp3pm4aYBiVbnaSvAUzIy8JnSON6I7rRDccctNJb7nJHc+57zv7gUPVv/yxQ33bvu/c9yhtcstJbzrkBvV41Nk1f7Hp7vdu3B/c" +
  "vHP+6+8kfy+fv45uO2fd4yD6oU++56X0Tmpj5Tix0/KtFs6dltVbdthZgAP5ukTTWfwfxtt5+6SI1Do7ReucddLWOe0krZPGfa1T+XMTcHpFv3V++lun" +
  "ff7+x61z8Z9PW2ezUbx/0ZjGoL3YOL515/gMzUGwPIVF8e60fzkffcVmLwXyU0oQsscy8vgts5fHOdxT/cHlM2FR/573z+lyBFquCMez0VuA5n+O1ZK2";

/** Rows of 8x16 dots, glyph after glyph, eight dots a byte, left and top first; deflated, base64. */
export const FONT_B =
  "eNp9WD1oHEcUPtlm7WKRVYkFHZJJ4XpB5thioxi7TZPCEFwtLjaBDLEhIA6z7NmuUqYSOF0KFQkpUgVMUqwxbFIsFzU5DiwUVaqErUocybGbN39v3pu7" +
  "8zv93DfvzcybN2/evDe9nk+RJvivYJ7nnC+EaNWPUHBjo5gcHRWbm5NiY0N1mIgwiuLBV6ZfIkSyf9w0x/t2eD5eGMWKolBj+KIoit2USZsIpmLpjyIb" +
  "XYde21uyLv0/CEKpX5xlGhd1PT65PKvrwsglQ22BEvkBKJNVrcNpEKB8sL49yOs2CAIzdVVVc0CWn2aA6xrlW6tAjOPVBeGr7yUIDbnqZMUGmwGUdmC1" +
  "gK6eGEDxpIwbP3T7C3g8ARpXJZm/lX80lror/efIhxVWqO+sqRU1M7f+mZRoPVyR/iduvTidmS81DhilGm9rd2iaoZVvphcX08bKV5bMfC/qd+2EjAdf" +
  "zi5PxoiL2lDh1lfPmX6KToqA8OWEll9VBdn/zuobufXQ8dV3OC1JQvCkfVe/sFjyhLD6vXmT5ykZT/qLdD+7vjQ2ZOyTZXB24MxY/0tDQ5ofpXlvFbXy" +
  "tC1pL4JS+iDaV5nA7r8xQYX+HyhplNcmhF03/O04nmuFkW/kg6Cg49fo3Andf1jXeqAI7KLlpQfgfiSev8gtmyhymI6PW1x4/Dm6AOpnTHpycer8Q/KV" +
  "Bxh7xHZ928ivPXvUeo8JluoVBItEEP1qah+5TzT+9GGqTM7XZ/Ea/eUJfAslfOI29Ju345VOoEIB6W8i+pGN54nIslmWZTmGlDyFSwHdCvw1hXiMEVmP" +
  "hOOleZaIPB/0A7V7QiwoUD5/efjD4cvn2l5psJfv9UomsTUQUzHYcn6LO4M7ysZ7dfjqx0M9XuHPJq+jRRNI7UvDB2OTXsMwCWkojpeYUG3X+FK7SCn3" +
  "dn8TaMnlwyiWITlKmOv2lG299cvFgwn0cT99lIsozsff7ykjGJwd/xpGe4BP40eDc8KHWeRE1t/hvBc0vsN6GIZ7luH9Y46F8OWTgt8X5XQ6beF3euLf" +
  "F3K9ML+9EFozP8MwP8PCw9A/pec99DD0Zxiyl5THhyF44yUYWQzN+tj9YOyD8cHYB7GxD2JjH8TC42v/kAHeHu/iD5pvxBG/L6KYY5iv9sZnOIz8+8KE" +
  "07mNV8Om+VO2nB3b/IrHd7lCiuUKKZYrpFgIXz5hWIpsbpZHR8K/L5S/Gwu7+0Fb2GFtYYeFh2Pvfgg9DP0ZFh7+Mv6cxX9YH7sf0AOYfg6jB7j+DAvh" +
  "3y8qttAI8PEXX5f7Z7/jfOy+gPkYRg9w9l8h792n5j5z8pIPwc87r7KF7p/L/4LwOssHJNbWoPmfasF8QI9P+aqF8k3CqPNFkfj5Az+fcP/vcL7LL51+" +
  "2j8iuBJhfBYvrEbOfzBlUP6QVT2WP6I3Gb5IeH4JoyU8nsDVmD05hT8jN3gfg7o6zyz/BHsRfxOJz4cZCH+wEE8Gnn/JeHsi4y3JvyaTE6jJyGwkf4UW" +
  "ks+Y2QgfWgjf7G7h6hmwEMt/XD4c2xLD8CU2u0/6Qwvr7/JnKItYPiUxSHc0vwHM8q1EGZCfz4Scj4EXL0lLae4HDKD2PuL5tmxx+RdI+fyI8qX/cb5s" +
  "ofnb+pZKNyRNn/QSLx/ykxMfL00kMDfpy2jEaLCQb7Xo0O68TyakPq2gYCT6QjaoqNhg9ZEQ73DIp+OmacZPzebHkZ9fgwcMK4JbLx//JM9zndxTl1hH" +
  "/KlRABJSPx/Q/jfD+OLf98YZZC5frKhvvfrGr3d9e+3lhro3S+tdqWlSuPrDfy+o7XuDO/8EL9a32wMzX72yvmX1s1/ftphQrKx3WT2/tJ519rPugA7h" +
  "16843ejqVdY/QPtoKj1s5CGUFmq9zl5nin+G8ZbxizoI9sh7SyNlL+G3IcVcKd9olte3xWJ9O1ceMPePDOI9uv9+vauWpDyA+D94AM0H2X2eLNaLtL7F" +
  "+Uh9qD2Ajtd+qL71z5tf77J63rnAqnrUuIANCKvqV7OfGpe0ZGP7j9jJn6odpvY6c/uvXIDzwb571L6NcoCGvjeUuP9+PqnXP6tI/sbzx2ShHl98X2xX" +
  "vK+0EJTj1c+USxh507Dm3d0V7zd53rjileyXweyFNErThXvj7Vv9//znmXwNHf39D32SzfA91rwg4vvhUAhWxM8g9v9b/1XX9jhs72Zz+Oya95CDg4Oj" +
  "i4tfDr470Pi/Bw8+WyjK3ePIun7sa0Tap/kMeS3BCIcNcOnRe6/lL6B2NdbfzHMoqbFberjXt7aiJTSdkveUXtf1/NcXdmZ2djiezbjYzg7vP5txjP2R" +
  "z8frOs739UG+1dYKCI+stnZCM8xoRPmjUfb4McGgjVXIRpQ5lZ/Pw/Nzje1q7IKN2GjUI/jx48w22NVagxj5+ZzKn5+HtsGNr/Ux8lZdi1B/Nz6Tt+pa" +
  "hPo7+3n2F5z//j0Zf9HeuD8KvX+PfLtbdnyUp/qAvB3fDHP9Zp/pc3qRUHdILk6ZP/Rvmkqpt7Z29UpwLbwRbcS3srvVs2fV3exWvBHdCK8FV66urT1/" +
  "ff/R7TsweP/O7Uf3Xz/vDC2PQbydy/F+fJyuo7jrKO4+SK1Hc49mHl14dOpR5dEzj2569O1H/PPTA/559xv/6ICliL7x3buX0ze/EijFHUvLrivx/pGx" +
  "+2HXPXSPhEIuvEg2XHQvu9IE+P8BdT9D3w==";
