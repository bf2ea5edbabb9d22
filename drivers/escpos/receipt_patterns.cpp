#include "drivers/escpos/receipt_patterns.hpp"

namespace raiten::drivers::escpos {
namespace {

/// An amount with the signs that may stand around it: parse_amount has the last word.
const std::string amount =
    R"re(((?:[-▲△(]|¥|\\|[$€£₩₫฿₹]|[A-Z]{1,3}\$|\b[A-Z]{3}\b|RM|Rp|kr|\s|\*)*\d[\d.,']*)re"
    R"re((?:\s|,-|\.-|[-)*]|円|元|원|€|[$£₫]|\b[A-Z]{3}\b|kr)*))re";

/// A word that stands alone in its line, whatever decorates it.
std::string alone(const std::string& words)
{
    return R"re((?i)^[\s\pP\pS]*(?:)re" + words + R"re()[\s\pP\pS]*$)re";
}

/// What Western registers put between "Receipt" and its number.
const std::string numbered =
    R"re(\s*(?:(?:no|nr|num|number|id|n°|nº|№)\b\.?\s*[:#]?|[:#])\s*#?\s*)re"
    R"re(([0-9A-Z-]*[0-9][0-9A-Z-]*)\b)re";

}  // namespace

ReceiptPatterns ReceiptPatterns::common()
{
    ReceiptPatterns p;
    p.total = {
        R"re((?:^|\s)(?:総\s*合\s*計|お\s*買\s*上(?:\s*げ)?\s*(?:合\s*計|金\s*額|計)|税\s*込\s*合\s*計|)re"
        R"re(ご\s*請\s*求\s*(?:金\s*)?額?)\s*(?:\([^)]*\))?\s*:?\s*(?:\d+\s*点)?)re"
            + amount + "$",
        R"re((?:^|\s)合\s*計(?:\s*金\s*額)?\s*(?:\([^)]*\))?\s*:?\s*(?:\d+\s*点)?)re" + amount
            + "$",
        R"re((?:^|\s)(?:現\s*計|お\s*会\s*計|領\s*収\s*金\s*額)\s*(?:\([^)]*\))?\s*:?)re" + amount
            + "$",
        R"re((?i)^[\s*=]*(?:grand\s+total|total\s+(?:due|paid|amount)|(?:amount|balance)\s+due)\s*[:=]?)re"
            + amount + "$",
        R"re((?i)^[\s*=]*(?:t\s*o\s*t\s*a\s*l)(?:\s*(?:ttc|a\s+pagar|à\s+payer|\([^)]*\)))?\s*[:=]?)re"
            + amount + "$",
        R"re((?i)^[\s*=]*(?:summe|gesamt(?:betrag|summe)?|zu\s+zahlen|totale|importo|totaal|suma|)re"
        R"re(net\s+à\s+payer|итого|итог)\s*[:=]?)re"
            + amount + "$",
        R"re((?:应\s*收\s*金\s*额|实\s*收\s*金\s*额|应\s*付\s*金\s*额|应\s*收)\s*:?)re" + amount
            + "$",
        R"re((?:合\s*计|总\s*计|总\s*额|總\s*計)\s*:?)re" + amount + "$",
        R"re(^\s*(?:합\s*계|총\s*액|결\s*제\s*금\s*액|받\s*을\s*금\s*액)(?:\s*금\s*액)?\s*:?)re"
            + amount + "$",
    };
    p.number = {
        R"re((?:レシート|取\s*引|伝\s*票|会\s*計|領\s*収\s*(?:書|証))\s*(?:番\s*号|(?i:No)\.?|№|#)\s*[:.]?\s*)re"
        R"re(([0-9A-Za-z-]{1,32}))re",
        R"re((?i)\b(?:receipt|invoice|ticket|transaction|trans|order|bill|check|bon|beleg|rechnung|)re"
        R"re(facture|factura|nota|recibo|cupom)re"
        "|scontrino)"
            + numbered,
        R"re((?:单\s*号|流水号|小票号|单据号)\s*:?\s*([0-9A-Za-z-]{1,32}))re",
        R"re((?:영수증|거래|전표)\s*번\s*호\s*:?\s*([0-9A-Za-z-]{1,32}))re",
        R"re((?i)^\s*(?:no\.|№)\s*:?\s*([0-9]{3,32})\b)re",
    };
    p.member = {
        R"re((?:会\s*員|お\s*客\s*様|ポイント(?:カード)?|メンバー(?:ズ)?)\s*(?:カード)?\s*(?:番\s*号|コード|(?i:No|ID)\.?|№|#)\s*[:.]?\s*)re"
        R"re(([0-9][0-9-]{3,31})(?:[^0-9*Xx-]|$))re",
        R"re((?i)\b(?:member(?:ship)?|loyalty|club|customer)\s*(?:card|code)?\s*(?:no|nr|number|id)?\b\.?\s*[:#]?\s*)re"
        R"re(([0-9][0-9-]{3,31})(?:[^0-9A-Z*-]|$))re",
        R"re((?i)\b(?:kunden|mitglieds)(?:karte|nummer|-?nr)\b\.?\s*:?\s*([0-9][0-9-]{3,31})(?:[^0-9A-Z*-]|$))re",
    };
    p.date = {
        R"re((\d{4}\s*[年/.-]\s*\d{1,2}\s*[月/.-]\s*\d{1,2}日?(?:\s*\([^)]{1,9}\))?)re"
        R"re((?:[\sT]*\d{1,2}(?::\d{2}(?::\d{2})?|時\s*\d{1,2}分))?))re",
        R"re((?i)(\b\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}(?:,?\s+\d{1,2}:\d{2}(?::\d{2})?(?:\s*[AP]M)?)?))re",
        R"re((?i)(\b(?:\d{1,2}(?:st|nd|rd|th|\.)?\s+(?:of\s+)?)?)re"
        R"re((?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?\s+(?:\d{1,2},?\s+)?\d{4}\b)re"
        R"re((?:,?\s+\d{1,2}:\d{2}(?::\d{2})?(?:\s*[AP]M)?)?))re",
    };
    p.refers_to = {
        R"re(元\s*(?:レシート|取\s*引|伝\s*票)\s*(?:番\s*号|(?i:No)\.?|#)?\s*[:.]?\s*([0-9A-Za-z-]{1,32}))re",
        R"re((?i)\b(?:original|orig\.?|ref(?:ers|erence)?\.?(?:\s+to)?)\s+(?:receipt|sale|ticket|transaction|trans|invoice))re"
            + numbered,
    };
    p.void_ = {
        alone(R"re((?:取\s*消(?:\s*し)?|取\s*り\s*消\s*し)\s*(?:伝\s*票|レシート|票|取\s*引)?)re"),
        alone(
            R"re(void(?:ed)?(?:\s+(?:sale|receipt|transaction))?|storno(?:beleg)?|annul(?:ation|ado|é|lato)|cancelado)re"),
    };
    p.refund = {
        alone(R"re((?:返\s*品|返\s*金)\s*(?:伝\s*票|レシート|票|処\s*理)?)re"),
        alone(R"re((?:sales?\s+)?(?:refund|return)(?:\s+(?:receipt|slip|sale|transaction))?)re"),
        alone(
            R"re(gutschrift|erstattung|remboursement|avoir|devoluci[oó]n|reembolso|rimborso|退\s*货(?:\s*单)?|환\s*불|반\s*품)re"),
    };
    // Alone in their lines: "レシートの再発行はできません" stands on many originals.
    p.reprint = {
        alone(
            R"re((?:領\s*収\s*(?:書|証)|レシート)?[\s\pP]*(?:再\s*発\s*行|再\s*印\s*字|再\s*出\s*力|)re"
            R"re(再\s*印\s*刷)[\s\pP]*(?:レシート|伝\s*票|分)?|(?:レシート\s*)?控\s*え?)re"),
        alone(R"re((?:receipt\s+)?(?:copy|duplicate|duplicata|duplicado|kopie|zweitschrift))re"
              R"re((?:\s+(?:receipt|of\s+receipt))?)re"),
        R"re((?i)^[\s\pP\pS]*(?:receipt\s+)?reprint(?:ed)?(?:\s+receipt)?[\s\pP\pS\d]*$)re",
    };
    // Anchored or in pairs of words: 調理パン and kitchen towels are sold too.
    p.not_a_receipt = {
        R"re((?i)^[\s\pP\pS]*(?:kitchen|kot|k\.o\.t\.?)\b[\s\pP]*(?:new\s+)?(?:order|ticket|copy)\b)re",
        R"re((?:調\s*理|厨\s*房|キッチン|オーダー)\s*(?:単\s*品|伝\s*票|指\s*示|オーダー|シート))re",
        R"re((?:厨\s*房|주\s*방)\s*(?:联|单|용|주\s*문))re",
        R"re([【\[(]\s*(?:新\s*規|追\s*加|(?i:new\s+order))\s*[】\])]|^\s*(?:新\s*規|追\s*加)\s*$)re",
        R"re((?i)^[\s\pP\pS]*(?:pedido\s+(?:de\s+)?(?:mesa|cozinha|cocina)|comanda)\b)re",
        R"re(クレジット(?:カード)?\s*(?:売\s*上\s*票|伝\s*票)|加\s*盟\s*店\s*控|カード\s*会\s*社\s*控)re",
        R"re((?i)^[\s\pP\pS]*(?:merchant|cardholder)\s+copy[\s\pP\pS]*$|\bslip\s*#)re",
        R"re((?i)^[\s\pP\pS]*(?:[xz]\s*-?\s*report|z-bericht|end\s+of\s+day)\b)re",
        R"re((?:精\s*算|点\s*検)\s*(?:レポート|票)|日\s*計\s*表)re",
        alone(
            R"re(quotation|estimate|gift\s+receipt|pro\s*-?forma|no\s+sale|両\s*替|御?\s*見\s*積\s*書?)re"),
    };
    // A bare number is a quantity only in a column of its own: "Item 1   $10.00" is one "Item 1".
    const std::string item_amount =
        R"re((?P<amount>[^\s\d]{0,3}\s?-?\d[\d.,]*(?:\s?[€円元])?)\s*$)re";
    p.line = {
        R"re(^\s*(?P<name>\S.*?)\s+[x×@]\s*(?P<quantity>\d{1,3})\s+)re" + item_amount,
        R"re(^\s*(?P<name>\S.*?)\s+(?P<quantity>\d{1,3})\s*[x×個点]\s+)re" + item_amount,
        R"re(^\s*(?P<quantity>\d{1,3})\s*[x×]\s+(?P<name>\S.*?)\s+)re" + item_amount,
        R"re(^\s*(?P<name>\S.*?)\s{2,}(?P<quantity>\d{1,3}(?:\.\d{1,3})?)\s+(?:\pL{1,4}\s+)?)re"
            + item_amount,
        R"re(^\s*(?P<name>\S.*?)\s+(?P<amount>(?:¥|\\|[$€£₩]|R\$|RM|Rp)\s?-?\d[\d.,]*|-?\d[\d.,]*\s?[€円元])\s*$)re",
        R"re(^\s*(?P<name>\S.*?)\s{2,}(?P<amount>-?\d[\d.,]*[.,]\d{2,3})\s*$)re",
    };
    p.not_an_item = {
        R"re((?i)\b(?:tax|vat|mwst|tva|iva|discount|diskon|rabatt|cash|change|card|visa|tip|service)\b)re",
        R"re(小\s*計|税|値\s*引|割\s*引|現\s*金|釣|預|小\s*计|折\s*扣|税|소\s*계|부\s*가\s*세)re",
        R"re((?i)\b(?:date|time|tel|phone|table|zwischensumme|sub\s*-?\s*total|subtotal|sous-total)\b)re",
        R"re(\d{4}[年/.-]\d{1,2}|\d{1,2}:\d{2})re",
    };
    return p;
}

}  // namespace raiten::drivers::escpos
