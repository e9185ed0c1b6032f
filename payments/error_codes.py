"""The meanings that providers' codes are mapped to, with words in three languages.

The rows are data: an administrator may change the words, and what is written here only
fills in what is missing.
"""

from __future__ import annotations

from dataclasses import dataclass

from core.remembered import Remembered
from payments.models import ErrorMapping, UnifiedError
from payments.registry import installed_kinds, provider_class


@dataclass(frozen=True, slots=True)
class Meaning:
    """One meaning. Each sentence is given in English, Finnish and Swedish."""

    code: str
    may_repeat: bool
    offers_other_method: bool
    agent: tuple[str, str, str]
    customer: tuple[str, str, str]


MEANINGS = (
    Meaning(
        "insufficient_funds",
        False,
        True,
        (
            "The bank refused: not enough money. Offer another card or MobilePay.",
            "Pankki ei hyväksynyt: tilillä ei ole katetta. Tarjoa toista korttia tai MobilePayta.",
            "Banken nekade: pengarna räcker inte. Erbjud ett annat kort eller MobilePay.",
        ),
        (
            "There was not enough money for this payment. Nothing was charged.",
            "Tilillä ei ollut katetta tähän maksuun. Mitään ei veloitettu.",
            "Pengarna räckte inte till betalningen. Inget debiterades.",
        ),
    ),
    Meaning(
        "declined",
        False,
        True,
        (
            "The bank refused the card. Offer another card or MobilePay.",
            "Pankki ei hyväksynyt korttia. Tarjoa toista korttia tai MobilePayta.",
            "Banken nekade kortet. Erbjud ett annat kort eller MobilePay.",
        ),
        (
            "Your bank did not accept the payment. Nothing was charged.",
            "Pankkisi ei hyväksynyt maksua. Mitään ei veloitettu.",
            "Din bank godkände inte betalningen. Inget debiterades.",
        ),
    ),
    Meaning(
        "expired_card",
        False,
        True,
        (
            "The card has expired. Ask for another card.",
            "Kortti on vanhentunut. Pyydä toista korttia.",
            "Kortet har gått ut. Be om ett annat kort.",
        ),
        (
            "The card has expired. Nothing was charged.",
            "Kortti on vanhentunut. Mitään ei veloitettu.",
            "Kortet har gått ut. Inget debiterades.",
        ),
    ),
    Meaning(
        "authentication_failed",
        True,
        True,
        (
            "The customer did not confirm with the bank. They may try again.",
            "Asiakas ei vahvistanut maksua pankissa. Hän voi yrittää uudelleen.",
            "Kunden bekräftade inte hos banken. Det går att försöka igen.",
        ),
        (
            "The payment was not confirmed with your bank. Nothing was charged.",
            "Maksua ei vahvistettu pankissasi. Mitään ei veloitettu.",
            "Betalningen bekräftades inte hos din bank. Inget debiterades.",
        ),
    ),
    Meaning(
        "authentication_required",
        False,
        True,
        (
            "The bank wants the customer to confirm. Send a payment link instead.",
            "Pankki vaatii asiakkaan vahvistuksen. Lähetä maksulinkki.",
            "Banken kräver att kunden bekräftar. Skicka en betallänk.",
        ),
        (
            "Your bank wants you to confirm the payment. Nothing was charged.",
            "Pankkisi vaatii vahvistuksen. Mitään ei veloitettu.",
            "Din bank kräver en bekräftelse. Inget debiterades.",
        ),
    ),
    Meaning(
        "canceled_by_customer",
        True,
        True,
        (
            "The customer turned the payment down. Ask whether to try again.",
            "Asiakas hylkäsi maksun. Kysy, yritetäänkö uudelleen.",
            "Kunden avböjde betalningen. Fråga om ni ska försöka igen.",
        ),
        (
            "You turned the payment down. Nothing was charged.",
            "Hylkäsit maksun. Mitään ei veloitettu.",
            "Du avböjde betalningen. Inget debiterades.",
        ),
    ),
    Meaning(
        "fraud_suspected",
        False,
        True,
        (
            "The bank refused the card for safety. Offer another way to pay.",
            "Pankki torjui kortin turvallisuussyistä. Tarjoa toista maksutapaa.",
            "Banken nekade kortet av säkerhetsskäl. Erbjud ett annat betalsätt.",
        ),
        (
            "Your bank did not accept the payment. Nothing was charged.",
            "Pankkisi ei hyväksynyt maksua. Mitään ei veloitettu.",
            "Din bank godkände inte betalningen. Inget debiterades.",
        ),
    ),
    Meaning(
        "method_unusable",
        False,
        True,
        (
            "This way to pay cannot be used any more. Offer another.",
            "Tätä maksutapaa ei voi enää käyttää. Tarjoa toista.",
            "Betalsättet kan inte längre användas. Erbjud ett annat.",
        ),
        (
            "This way to pay cannot be used. Nothing was charged.",
            "Tätä maksutapaa ei voi käyttää. Mitään ei veloitettu.",
            "Betalsättet kan inte användas. Inget debiterades.",
        ),
    ),
    Meaning(
        "method_unsupported",
        False,
        True,
        (
            "The provider does not take this way to pay. Offer another.",
            "Palveluntarjoaja ei tue tätä maksutapaa. Tarjoa toista.",
            "Leverantören stöder inte betalsättet. Erbjud ett annat.",
        ),
        (
            "This way to pay is not available. Nothing was charged.",
            "Tämä maksutapa ei ole käytettävissä. Mitään ei veloitettu.",
            "Betalsättet är inte tillgängligt. Inget debiterades.",
        ),
    ),
    Meaning(
        "currency_unsupported",
        False,
        True,
        (
            "The provider does not take this currency.",
            "Palveluntarjoaja ei tue tätä valuuttaa.",
            "Leverantören stöder inte valutan.",
        ),
        (
            "This currency cannot be paid here. Nothing was charged.",
            "Tällä valuutalla ei voi maksaa täällä. Mitään ei veloitettu.",
            "Valutan kan inte användas här. Inget debiterades.",
        ),
    ),
    Meaning(
        "amount_exceeds_available",
        False,
        False,
        (
            "The provider has less left than was asked for. Nothing moved.",
            "Palveluntarjoajalla on jäljellä vähemmän kuin pyydettiin. Rahaa ei siirtynyt.",
            "Leverantören har mindre kvar än begärt. Inga pengar flyttades.",
        ),
        (
            "This could not be done. Nothing was charged.",
            "Tätä ei voitu tehdä. Mitään ei veloitettu.",
            "Det gick inte att utföra. Inget debiterades.",
        ),
    ),
    Meaning(
        "refund_failed",
        False,
        False,
        (
            "The bank could not take the refund back to the card. Agree on another way.",
            "Palautusta ei voitu maksaa kortille. Sovi toisesta tavasta.",
            "Återbetalningen kunde inte föras till kortet. Kom överens om ett annat sätt.",
        ),
        (
            "The refund did not reach your card. We will contact you.",
            "Palautus ei päässyt kortillesi. Otamme sinuun yhteyttä.",
            "Återbetalningen nådde inte ditt kort. Vi kontaktar dig.",
        ),
    ),
    Meaning(
        "invalid_request",
        False,
        True,
        (
            "The provider did not accept the request. Tell your supervisor.",
            "Palveluntarjoaja ei hyväksynyt pyyntöä. Kerro esihenkilöllesi.",
            "Leverantören godtog inte begäran. Meddela din förman.",
        ),
        (
            "The payment could not be started. Nothing was charged.",
            "Maksua ei voitu aloittaa. Mitään ei veloitettu.",
            "Betalningen kunde inte startas. Inget debiterades.",
        ),
    ),
    Meaning(
        "configuration",
        False,
        True,
        (
            "The connection to the provider is not set up right. Tell your administrator.",
            "Yhteys palveluntarjoajaan on väärin asetettu. Kerro ylläpitäjälle.",
            "Kopplingen till leverantören är fel inställd. Meddela administratören.",
        ),
        (
            "The payment could not be started. Nothing was charged.",
            "Maksua ei voitu aloittaa. Mitään ei veloitettu.",
            "Betalningen kunde inte startas. Inget debiterades.",
        ),
    ),
    Meaning(
        "unavailable",
        True,
        True,
        (
            "The provider does not answer just now. Nothing was charged. Offer another way.",
            "Palveluntarjoaja ei vastaa juuri nyt. Mitään ei veloitettu. Tarjoa toista tapaa.",
            "Leverantören svarar inte just nu. Inget debiterades. Erbjud ett annat sätt.",
        ),
        (
            "The payment service does not answer just now. Nothing was charged.",
            "Maksupalvelu ei vastaa juuri nyt. Mitään ei veloitettu.",
            "Betaltjänsten svarar inte just nu. Inget debiterades.",
        ),
    ),
)
FALLBACK = "declined"
REMEMBERED_FOR_S = 5.0
_meanings: Remembered[tuple[str, str, str], UnifiedError] = Remembered(REMEMBERED_FOR_S)


def ensure_error_map() -> None:
    """Write the meanings and the lines of every installed provider that are missing."""
    UnifiedError.objects.bulk_create([_row(m) for m in MEANINGS], ignore_conflicts=True)
    known = dict(UnifiedError.objects.values_list("code", "pk"))
    ErrorMapping.objects.bulk_create(
        [
            ErrorMapping(
                provider=kind,
                operation=line.operation,
                provider_code=line.code,
                meaning_id=known.get(line.unified, known[FALLBACK]),
            )
            for kind in installed_kinds()
            for line in provider_class(kind).errors
        ],
        ignore_conflicts=True,
    )


def _row(meaning: Meaning) -> UnifiedError:
    agent_en, agent_fi, agent_sv = meaning.agent
    customer_en, customer_fi, customer_sv = meaning.customer
    return UnifiedError(
        code=meaning.code,
        may_repeat=meaning.may_repeat,
        offers_other_method=meaning.offers_other_method,
        agent_en=agent_en,
        agent_fi=agent_fi,
        agent_sv=agent_sv,
        customer_en=customer_en,
        customer_fi=customer_fi,
        customer_sv=customer_sv,
    )


def meaning_of(provider: str, code: str, operation: str = "") -> UnifiedError:
    """Return what a provider's code means, read at most every five seconds.

    The closest line of the map wins. An unknown code means an ordinary refusal, so the agent
    always has a sentence.
    """
    return _meanings.get((provider, code, operation), lambda: _read(provider, code, operation))


def forget() -> None:
    """Read the map again at the next question."""
    _meanings.forget()


def _read(provider: str, code: str, operation: str) -> UnifiedError:
    wanted = [(operation, code), ("", code), (operation, ""), ("", "")]
    lines = ErrorMapping.objects.filter(
        provider=provider, operation__in=["", operation], provider_code__in=["", code]
    ).select_related("meaning")
    found = {(line.operation, line.provider_code): line.meaning for line in lines}
    best = next((found[key] for key in wanted if key in found), None)
    return best or UnifiedError.objects.get(code=FALLBACK)
