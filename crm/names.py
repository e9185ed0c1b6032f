"""Common names in Finland, for made-up customers. The first of a list are the commonest."""

from __future__ import annotations


def _list(text: str, separator: str = " ") -> tuple[str, ...]:
    return tuple(text.split(separator))


FIRST_NAMES_FI = _list(
    "Maria Juhani Anneli Olavi Johanna Antero Helena Tapani Kaarina Johannes Marjatta Tapio "
    "Hannele Mikael Kristiina Kalevi Liisa Matti Emilia Pekka Elina Petteri Tuulikki Ilmari "
    "Annikki Sakari Katariina Matias Maarit Antti Sofia Juha Susanna Heikki Marja Kristian "
    "Pirkko Timo Leena Kari Anna Mikko Tuula Jari Päivi Jukka Ritva Kalle Sari Markku Minna "
    "Aleksi Laura Markus Eeva Jaakko Tiina Petri Satu Marko Pirjo Lauri Irmeli Mika Riitta "
    "Ville Elisabet Hannu Kirsi Seppo Heidi Janne Eila Ari Sanna Sami Merja Marjut Erkki Jenni "
    "Teemu Aino Eino Katja Tommi Ulla Harri Anne Reijo Outi Veli Mari Esa Hanna Jouni Terhi "
    "Toni Tarja Vesa Eija Jani Niina Risto Piia Raimo Noora Jarmo Essi Pasi Veera Pertti Kaisa "
    "Tuomas Riikka Henri Saara Joonas Emmi Otto Iida Niko Venla Eetu Aada Onni Helmi Leo Lotta "
    "Väinö Hilja Oskari Elli Toivo Enni Elias Kerttu Arvo Sisko Äijö Hilkka Veikko Anja Ensio "
    "Raili Usko"
)

FIRST_NAMES_SV = _list(
    "Anders Karin Johan Anna Erik Eva Lars Kristina Nils Margareta Karl Ingrid Per Birgitta "
    "Sven Åsa Björn Gunilla Göran Märta Håkan Maj-Britt Stig Barbro Kaj Carita Kjell Camilla "
    "Ralf Susanne Tom Monica Bo Annika Jan-Erik Gun Henrik Linnéa Mats Benita Fredrik Nina "
    "Patrik Ann-Sofie Rasmus Ida Sebastian Frida Oskar Wilma Emil Ebba Åke Solveig Börje "
    "Viveca Torbjörn Siv"
)

LAST_NAMES_FI = _list(
    "Korhonen Virtanen Mäkinen Nieminen Mäkelä Hämäläinen Laine Heikkinen Koskinen Järvinen "
    "Lehtonen Lehtinen Saarinen Salminen Heinonen Niemi Heikkilä Salonen Kinnunen Turunen Salo "
    "Laitinen Tuominen Rantanen Karjalainen Jokinen Mattila Savolainen Lahtinen Ahonen Ojala "
    "Leppänen Hiltunen Väisänen Miettinen Leinonen Kallio Pitkänen Aaltonen Manninen Hakala "
    "Anttila Koivisto Laaksonen Hirvonen Räsänen Lehto Laakso Toivonen Mustonen Aalto Aho "
    "Rautiainen Nurmi Nykänen Partanen Tamminen Seppälä Moilanen Vainio Rissanen Peltonen "
    "Kemppainen Kärkkäinen Lappalainen Hänninen Kettunen Halonen Lindroos Ikonen Peltola "
    "Kokkonen Lahti Saarela Oksanen Niskanen Määttä Pulkkinen Eskelinen Suominen Vuorinen "
    "Holopainen Koskela Karppinen Huttunen Soininen Hyvönen Parviainen Kurki Rantala Ketola "
    "Immonen Juntunen Sillanpää Jääskeläinen Tolonen Martikainen Tikkanen Ruotsalainen "
    "Hartikainen Heiskanen Kauppinen Pesonen Väyrynen Kosonen Uusitalo Hakkarainen Vartiainen "
    "Kujala Sirviö Viitanen Kangas Autio Lampinen Pääkkönen Ylönen Tuomi Wirtanen Tervo Ojanen "
    "Lindholm Haapala Ahola Hietala Muhonen Ränsänen Ollila Öhman Äyräs Åkerman Yli-Hukkala "
    "Ala-Korpi Vepsäläinen Taskinen Kuusisto"
)

LAST_NAMES_SV = _list(
    "Johansson Nyman Lindholm Karlsson Andersson Eriksson Lindström Lindqvist Lindberg Nyström "
    "Holmström Gustafsson Söderholm Henriksson Backman Sjöblom Björklund Nyberg Westerlund "
    "Söderström Sundström Forsström Blomqvist Wikström Granholm Öhman Öberg Åberg Åström "
    "Häggblom Wahlroos Lönnqvist Grönroos Sandberg Ekholm Fagerström Hellström Wallin Bergman "
    "Ahlroth Norrgård Strömberg"
)

COMPANY_STEMS = _list(
    "Pohjolan Sähkö|Saimaan Kone|Kuusamon Leipomo|Helsingin Hammas|Tampereen Putki|"
    "Turun Telakka|Oulun Vesi|Jyväskylän Auto|Lahden Lämpö|Kotkan Kala|Porin Paja|Vaasan Valo|"
    "Lapin Luonto|Kainuun Kuljetus|Savon Sauna|Hämeen Huolto|Karjalan Kukka|"
    "Uudenmaan Isännöinti|Rauman Pitsi|Kokkolan Katto|Seinäjoen Silmä|Kuopion Konttori|"
    "Rovaniemen Matkat|Espoon Elintarvike|Vantaan Varasto|Naantalin Vene|Porvoon Puutarha|"
    "Hangö Segel|Ekenäs Bygg|Jakobstads Data|Ålands Trädgård|Nylands Revision|"
    "Järvi-Suomen Kalastus|Metsäpuron Hirsi|Ääniraita Studio|Kirkkonummen Rakennus|"
    "Pikku-Tiimin Päiväkoti|Itärajan Koneurakointi|Merenkurkun Vene",
    "|",
)
COMPANY_FORMS = ("Oy", "Oy", "Oy", "Ky", "Tmi", "Oyj", "Ab", "Osk")

# Postal code and town.
TOWNS = (
    ("00100", "Helsinki"),
    ("00530", "Helsinki"),
    ("00700", "Helsinki"),
    ("00950", "Helsinki"),
    ("02100", "Espoo"),
    ("02770", "Espoo"),
    ("01300", "Vantaa"),
    ("33100", "Tampere"),
    ("33720", "Tampere"),
    ("20100", "Turku"),
    ("20540", "Turku"),
    ("90100", "Oulu"),
    ("40100", "Jyväskylä"),
    ("15110", "Lahti"),
    ("70100", "Kuopio"),
    ("28100", "Pori"),
    ("65100", "Vaasa"),
    ("53100", "Lappeenranta"),
    ("80100", "Joensuu"),
    ("13100", "Hämeenlinna"),
    ("48100", "Kotka"),
    ("06100", "Porvoo"),
    ("96100", "Rovaniemi"),
    ("60100", "Seinäjoki"),
    ("67100", "Kokkola"),
    ("10300", "Karjaa"),
    ("22100", "Mariehamn"),
    ("99800", "Ivalo"),
)
STREETS_FI = _list(
    "Mannerheimintie|Hämeenkatu|Kauppakatu|Koulukatu|Asemakatu|Rantatie|Kirkkokatu|Puistokatu|"
    "Koivutie|Mäntytie|Kuusitie|Pihlajatie|Keskuskatu|Satamakatu|Myllytie|Metsätie|Peltotie|"
    "Järvenrannantie|Mäkelänkatu|Siltatie|Tehtaankatu|Ratakatu|Niittytie|Leppätie|Linnankatu",
    "|",
)

STREETS_SV = _list(
    "Strandvägen|Storgatan|Skolgatan|Kyrkogatan|Björkvägen|Hamngatan|Ängsvägen|Åsvägen|Norra gatan",
    "|",
)
