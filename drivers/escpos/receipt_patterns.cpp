#include "drivers/escpos/receipt_patterns.hpp"

namespace raiten::drivers::escpos {
namespace {

/// A number with whatever stands around it: parse_amount knows the signs and has the last word.
/// Small on purpose: a class such as \pL, repeated, makes an automaton of ten thousand states.
const std::string printed_number = R"re(\d[\d.,']*(?: \d{3})*(?:[.,]\d{1,4})?)re";
const std::string amount = "([^0-9]*" + printed_number + "[^0-9]*)";

/// Labels of the amount paid, at the beginning of a line: "TOTAL (3 items): ".
std::string label(const std::string& words)
{
    return R"re((?i)^[\s*=#>]*(?:)re" + words
           + R"re()(?:\s*\([^)]*\))?(?:\s+\d+\s*(?:items?|articles?|artikel|art\.?|pcs|vnt|szt))?\s*[:=.]*)re"
           + amount + "$";
}

/// A word that stands alone in its line, whatever decorates it.
std::string alone(const std::string& words)
{
    return R"re((?i)^[\s\pP\pS]*(?:)re" + words + R"re()[\s\pP\pS]*$)re";
}

/// What Western registers put between "Receipt" and its number.
const std::string numbered =
    R"re([\s-]*(?:(?:(?:no|nr|nro|num|number|nummer|número|numero|id)\b|n°|nº|№|č\.)\.?\s*[:#]?|[:#])\s*#?\s*)re"
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
        R"re((?:^|\s)(?:現\s*計|お\s*会\s*計|領\s*収\s*金\s*額|お\s*支\s*払\s*い?\s*(?:合\s*計|金\s*額|額))\s*(?:\([^)]*\))?\s*:?)re"
            + amount + "$",
        label(
            R"re((?:grand|net|nett|rounded)\s+total|total\s+(?:due|paid|payable|payment|amount|sales?|bayar|belanja|)re"
            R"re(akhir|geral|general|complessivo)|(?:amount|balance)\s+(?:due|payable|to\s+pay)|)re"
            R"re(total\s+(?:a|à)\s+(?:pagar|payer)|total\s+(?:de\s+plat[aă]|du|dû|ttc)|)re"
            R"re(net\s+(?:a|à)\s+payer|(?:valor|importe|montant|importo)\s+(?:total|totale|a\s+pagar)|)re"
            R"re(totale\s+(?:complessivo|documento|da\s+pagare)|(?:te|zu|att|at|å)\s+(?:betalen|zahlen|betala|betale)|)re"
            R"re(do\s+zap[łl]aty|za\s+(?:uplatu|plačilo|platiti)|k\s+úhrad[eě]|к\s+оплате|до\s+сплати|за\s+плащане|)re"
            R"re(genel\s+toplam|ödenecek(?:\s+tutar)?|γενικο\s+συνολο|πληρωτεο|fizetendő|)re"
            R"re(tổng\s+(?:thanh\s+toán|cộng)|tong\s+cong|ยอดชำระ|ยอดสุทธิ|รวมสุทธิ|รวมทั้งสิ้น|לתשלום|סה"כ\s+לתשלום)re"),
        label(R"re(t\s*o\s*t\s*a\s*l)re"),
        label(
            R"re(summe|gesamt(?:betrag|summe)?|endbetrag|rechnungsbetrag|totale|totaal|totalt|import[eo]|suma|summa|sum|)re"
            R"re(razem|celkem|celkom|spolu|összesen|végösszeg|yhteensä|i\s+alt|ukupno|skupaj|toplam|iš\s+viso|kopā|kokku|)re"
            R"re(итого|итог|всего|сума|разом|усього|обща\s+сума|общо|всичко|укупно|συνολο|σύνολο|jumlah(?:\s+besar)?|)re"
            R"re(tổng\s+tiền|tong\s+tien|รวม(?:เงิน|ทั้งหมด)?|ยอดรวม|จำนวนเงินรวม|סה"כ|סך\s+הכל|कुल|)re"
            R"re((?:ال)?مجموع|(?:المبلغ\s+)?ال[إا]جمالي|الصافي)re"),
        // Right to left, the amount stands before its label.
        R"re(^([^0-9]*)re" + printed_number + R"re(\s*\p{Sc}?))re"
            + R"re(\s*:?\s*(?:(?:ال)?مجموع|(?:المبلغ\s+)?ال[إا]جمالي|الصافي|סה"כ|לתשלום)\s*:?\s*$)re",
        R"re((?:应\s*[收付]|实\s*付|應\s*[收付]|實\s*付|付\s*款)\s*(?:金\s*[额額]|总\s*[额计])?\s*:?)re"
            + amount + "$",
        R"re((?:^|[^量数數件品])\s*(?:合\s*计|[总總]\s*[计計额額]|[总總]\s*金\s*[额額]|[总總]\s*共|共\s*[计計])\s*:?)re"
            + amount + "$",
        R"re((?:实\s*收|實\s*收)\s*(?:金\s*[额額])?\s*:?)re" + amount + "$",
        R"re(^\s*(?:총\s*)?(?:합\s*계|총\s*[계액]|(?:결\s*제|받\s*을|청\s*구|판\s*매|주\s*문)\s*금\s*액|금\s*액\s*합\s*계)(?:\s*금\s*액)?\s*:?)re"
            + amount + "$",
        R"re(^\s*(?:計|お\s*支\s*払\s*い?)\s*:?)re" + amount + "$",
    };
    p.number = {
        R"re((?:レシート|取\s*引|伝\s*票|会\s*計|領\s*収\s*(?:書|証))\s*(?:番\s*号|(?i:No)\.?|№|#)\s*[:.]?\s*)re"
        R"re(([0-9A-Za-z-]{1,32}))re",
        R"re((?i)\b(?:receipt|invoice|ticket|transaction|trans|order|bill|check|chk|bon|beleg|rechnung(?:s)?|)re"
        R"re(facture|factura|nota|recibo|cupom|folio|comprobante|boleta|paragon|rachunek|kvitto|kvittering|)re"
        R"re(struk|doc(?:ument)?\.?|scontrino)re"
        ")" + numbered,
        R"re((?:[单單]\s*[号號]|流水[号號]|小票[号號]|[单單]据[号號]|[订訂][单單][号號]|交易[号號]|收据[号號]|[发發]票[号號][码碼]?)\s*:?\s*([0-9A-Za-z-]{1,32}))re",
        R"re((?:영수증|거래|전표|주문)\s*번\s*호\s*:?\s*([0-9A-Za-z-]{1,32}))re",
        R"re((?i)(?:чек|документ|квитанция|фіскальний\s+чек|účtenka|účet|nyugta|fiş|fis|απόδειξη|เลขที่|số\s+(?:hđ|hóa\s+đơn)|رقم\s+الفاتورة|فاتورة\s+رقم|חשבונית)\s*(?:no|nr|sz|č|№|#)?[.:#\s]*([0-9A-Z-]*[0-9][0-9A-Z-]*))re",
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
            R"re(void(?:ed)?(?:\s+(?:sale|receipt|transaction))?|storno(?:beleg)?|annul(?:ation|ado|ada|é|lato)|anulad[oa]|anulowano|cancel(?:led|ed|ad[oa])|аннулирован[о]?|作\s*[废廢]|已\s*取\s*消|(?:거\s*래|결\s*제|승\s*인)?\s*취\s*소)re"),
    };
    p.refund = {
        alone(R"re((?:返\s*品|返\s*金)\s*(?:伝\s*票|レシート|票|処\s*理)?)re"),
        alone(R"re((?:sales?\s+)?(?:refund|return)(?:\s+(?:receipt|slip|sale|transaction))?)re"),
        alone(
            R"re(gutschrift|erstattung|retoure|rückgabe|remboursement|avoir|devoluci[oó]n|devolução|reembolso|rimborso|reso|zwrot|iade|возврат(?:\s+(?:прихода|товара))?|退\s*[货貨款](?:\s*[单單])?|환\s*불|반\s*품)re"),
    };
    // Alone in their lines: "レシートの再発行はできません" stands on many originals.
    p.reprint = {
        alone(
            R"re((?:領\s*収\s*(?:書|証)|レシート)?[\s\pP]*(?:再\s*発\s*行|再\s*印\s*字|再\s*出\s*力|)re"
            R"re(再\s*印\s*刷)[\s\pP]*(?:レシート|伝\s*票|分)?|(?:レシート\s*)?控\s*え?)re"),
        alone(
            R"re((?:receipt\s+)?(?:copy|duplicate|duplicata|duplicado|kopie|kopia|copia|копия|zweitschrift|reimpresi[oó]n|reimpressão|ristampa|(?:2ª|segunda)\s+via))re"
            R"re((?:\s+(?:receipt|of\s+receipt))?)re"),
        alone(
            R"re((?:补\s*打|重\s*印|重\s*打|補\s*印)(?:\s*(?:小票|收据|收據|单|單))?|(?:영수증\s*)?(?:재\s*발\s*행|재\s*출\s*력)|사본)re"),
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
        R"re((?i)^[\s\pP\pS]*(?:merchant|cardholder|store)(?:'s)?\s+copy[\s\pP\pS]*$|\bslip\s*#|\bcard\s+(?:sales\s+)?slip\b)re",
        R"re((?:厨\s*房|后\s*厨|주\s*방|주\s*문\s*서|预\s*结\s*单|預\s*結\s*單|对\s*账\s*单|交\s*班|日\s*结)(?:[\s\pP\pS]|$))re",
        R"re((?i)^[\s\pP\pS]*(?:[xz]\s*-?\s*report|z-bericht|end\s+of\s+day)\b)re",
        R"re((?:精\s*算|点\s*検)\s*(?:レポート|票)|日\s*計\s*表)re",
        alone(
            R"re(guest\s+check|pre\s*-?\s*bill|provisional\s+bill|precuenta|pre-?cuenta|conferência|zwischenrechnung|not\s+a\s+receipt|quotation|estimate|gift\s+receipt|pro\s*-?forma|no\s+sale|両\s*替|御?\s*見\s*積\s*書?)re"),
    };
    // Which tax rate: "1,09 A", "¥108※", "¥108軽".
    const std::string tax_mark = R"re(\s{0,2}(?:[A-Z]{1,2}|[*※#]|[内外軽])?\s*$)re";
    // A bare number is a quantity only in a column of its own: "Item 1   $10.00" is one "Item 1".
    const std::string item_amount =
        R"re((?P<amount>[^\s\d]{0,3}\s?-?\d[\d.,]*(?:\s?[€円元원])?))re" + tax_mark;
    p.line = {
        R"re(^\s*(?P<name>\S.*?)\s+[x×@]\s*(?P<quantity>\d{1,3})\s+)re" + item_amount,
        R"re(^\s*(?P<name>\S.*?)\s+(?P<quantity>\d{1,3})\s*[x×個点]\s+)re" + item_amount,
        R"re(^\s*(?P<quantity>\d{1,3})\s*[x×]\s+(?P<name>\S.*?)\s+)re" + item_amount,
        R"re(^\s*(?P<name>\S.*?)\s{2,}(?P<quantity>\d{1,3}(?:\.\d{1,3})?)\s+(?:[^\s\d]{1,4}\s+)?)re"
            + item_amount,
        R"re(^\s*(?P<name>\S.*?)\s+(?P<amount>(?:\\|\p{Sc}|R\$|RM|Rp\.?|Rs\.?)\s?-?\d[\d.,]*|-?\d[\d.,]*\s?(?:\p{Sc}|[円元원]|Ft|Kč|zł|kr|руб\.?)))re"
            + tax_mark,
        R"re(^\s*(?P<name>\S.*?)\s{2,}(?P<amount>-?\d[\d.,]*[.,]\d{2,3}))re" + tax_mark,
    };
    p.not_an_item = {
        R"re((?i)\b(?:tax|vat|mwst|tva|iva|discount|diskon|rabatt|descuento|desconto|remise|sconto|cash|change|card|visa|tip|service)\b)re",
        R"re(小\s*計|税|値\s*引|割\s*引|現\s*金|釣|預|小\s*计|折\s*扣|税|소\s*계|부\s*가\s*세|找\s*零|优\s*惠|НДС|скидка|сдача|наличны)re",
        R"re((?i)\b(?:date|time|tel|phone|table|zwischensumme|sub\s*-?\s*total|subtotal|sous-total)\b)re",
        R"re(\d{4}[年/.-]\d{1,2}|\d{1,2}:\d{2})re",
    };
    return p;
}

}  // namespace raiten::drivers::escpos
