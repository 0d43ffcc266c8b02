"""Tickets in German, French and Spanish, with their greetings, endings, answers and praise."""

from msgspec import Struct

from honeyguide.demo.issues_en import Issue


class Language(Struct, frozen=True):
    """One language's phrases. `openings`, `impacts` and `closings` fit any of its issues."""

    issues: tuple[Issue, ...]
    openings: tuple[str, ...]
    impacts: tuple[str, ...]
    closings: tuple[str, ...]
    follow_ups: tuple[str, ...]
    agent_starts: tuple[str, ...]
    ratings: dict[int, tuple[str, ...]]


LANGUAGES: dict[str, Language] = {
    "de": Language(
        issues=(
            Issue("board-frozen", "dispatch", 5, 3, ("Plantafel lädt nicht", "Plantafel eingefroren seit {clock}", "DRINGEND: Disposition steht still"),
                ("Unsere Plantafel ist seit {clock} eingefroren, kein Disponent kann Aufträge verschieben.", "Beim Öffnen der Plantafel für {day} sehen wir nur graue Balken. Neu laden hilft nicht.", "In {city} sieht niemand die heutigen Aufträge."),
                ("Ein hängender Zwischenspeicher hat Ihre Plantafel blockiert. Ich habe ihn geleert, bitte einmal neu laden.", "Eine Ansicht mit {n} archivierten Teams war schuld. Ich habe den Filter entfernt, die Tafel öffnet wieder in zwei Sekunden.")),
            Issue("sms-missing", "dispatch", 4, 2, ("Kunden bekommen keine SMS", "Terminerinnerungen fehlen", "SMS seit {day} nicht mehr verschickt"),
                ("Seit {day} kommen die Terminerinnerungen per SMS nicht mehr an. Im Protokoll steht 'gesendet'.", "{n} Erinnerungen hängen seit {clock} in der Warteschlange."),
                ("Ein Netzbetreiber hatte Ihren Absender gesperrt. Sie laufen jetzt über eine geprüfte Nummer, die {n} wartenden SMS sind raus.",)),
            Issue("mobile-sync", "dispatch", 4, 2, ("App synchronisiert nicht", "Monteur sieht alte Aufträge", "Fotos kommen nicht an"),
                ("Auf dem {device} von {tech} stehen immer noch die Aufträge von gestern. Ab- und Anmelden hat nichts gebracht.", "Fotos von der Baustelle kommen seit Version {version} nicht mehr im Büro an."),
                ("Version {version} blieb bei großen Fotos hängen. Das Update ist in den Stores, danach laden die Fotos von selbst hoch.", "Ich habe die Synchronisation für dieses Gerät zurückgesetzt, es fehlt nichts.")),
            Issue("route-long", "routes", 3, 2, ("Touren sind viel zu lang", "Tourenplanung seit {day} unbrauchbar", "Umwege in {city}"),
                ("Die Tourenplanung schickt {tech} zweimal am Tag nach {city}, obwohl beide Termine in derselben Straße liegen.", "Seit {day} sind die Touren etwa {n} km länger als früher."),
                ("Zwei Standorte hatten nach der Adressbereinigung dieselben Koordinaten. Das ist korrigiert, die Touren für morgen habe ich neu gerechnet.",)),
            Issue("invoice-question", "billing", 4, 1, ("Rückfrage zur Rechnung {ref}", "Rechnung: Bestellnummer fehlt", "Doppelte Abbuchung?"),
                ("Auf der Rechnung {ref} stehen {few} Plätze zu viel. Bitte prüfen.", "Unsere Buchhaltung braucht die Bestellnummer auf der Rechnung, sonst wird nicht bezahlt."),
                ("Sie haben recht, zwei ausgeschiedene Kollegen wurden noch gezählt. Die Gutschrift ist unterwegs.",)),
            Issue("recurring", "dispatch", 3, 1, ("Wartungstermine verschoben", "Serientermine falsch nach Feiertag", "Frage zu Wartungsverträgen"),
                ("Nach dem Feiertag sind alle vierteljährlichen Wartungstermine um einen Tag verrutscht.", "Wie verschiebe ich einen einzelnen Termin einer Serie auf {day}, ohne die anderen zu ändern?"),
                ("Im Menü des Termins gibt es 'nur diesen Termin'. Die Serie habe ich für Sie wieder geradegezogen.",)),
            Issue("training", "dispatch", 2, 0, ("Schulung für neue Kollegen", "Gibt es eine Kurzanleitung?", "Zugang für neue Disponentin"),
                ("Wir bekommen {few} neue Kollegen in der Disposition. Gibt es eine kurze Schulung?", "Welche Rolle darf Aufträge verschieben, aber keine Preise sehen?"),
                ("Es gibt einen Kurs mit dreimal 20 Minuten. Ich habe Ihre Leute für {day} angemeldet.",)),
            Issue("login", "dispatch", 3, 2, ("Anmeldung nicht möglich", "Seit heute früh ausgesperrt", "SSO Fehler"),
                ("Seit der Umstellung unserer IT können sich {n} Leute nicht mehr anmelden, darunter die ganze Frühschicht.", "Die Mail zum Zurücksetzen des Kennworts kommt nicht an."),
                ("Das Zertifikat Ihres Anmeldedienstes war ausgetauscht worden. Das neue ist hinterlegt, alle kommen wieder hinein.",)),
        ),
        openings=("Guten Tag,", "Hallo zusammen,", "Moin,", "Sehr geehrte Damen und Herren,", "Hallo,", "Guten Morgen, leider schon wieder ich.", ""),
        impacts=("", "Wir planen gerade auf Papier.", "Bitte um schnelle Hilfe, {few} Monteure warten.", "Es eilt nicht, wäre aber schön.", "Betroffen ist das ganze Team in {city}.", "Mein Chef fragt stündlich nach.", "Das kostet uns jeden Tag eine halbe Stunde."),
        closings=("Mit freundlichen Grüßen\n{name}\n{company}", "Viele Grüße\n{first}", "Danke und Gruß\n{name}", "VG {first}", "Besten Dank im Voraus\n{name}\n{title}"),
        follow_ups=("Gibt es hierzu etwas Neues?", "Eben um {clock} wieder passiert.", "Bei {tech} geht es, bei mir nicht.", "Bildschirmfoto folgt."),
        agent_starts=("Hallo {first},", "Guten Tag,", "Danke für Ihre Geduld."),
        ratings={
            5: ("Schnell und kompetent, vielen Dank an {agent}!", "Innerhalb von {hours} Stunden gelöst. Top.", "So stellt man sich Support vor.", "Super, danke!", "Hat uns den Tag gerettet.", "Ich habe Sie schon in unserem Verband weiterempfohlen.", "", ""),
            4: ("Gut, hat etwas gedauert.", "Alles wieder in Ordnung.", ""), 3: ("Geht so.", ""), 2: ("Zu langsam.", ""), 1: ("Problem nicht gelöst, Ticket einfach geschlossen.", "Das dritte Mal in diesem Monat."),
        },
    ),
    "fr": Language(
        issues=(
            Issue("board-frozen", "dispatch", 5, 3, ("Planning bloqué", "URGENT : le planning ne s'affiche plus", "Tableau figé depuis {clock}"),
                ("Le planning est figé depuis {clock}, nous ne pouvons plus déplacer d'interventions.", "À {city} plus personne ne voit les interventions du jour. Nous avons rechargé la page plusieurs fois."),
                ("Un cache bloqué de notre côté empêchait l'affichage. C'est vidé, rechargez la page une fois.",)),
            Issue("sms-missing", "dispatch", 4, 2, ("Les clients ne reçoivent plus les SMS", "Rappels SMS non envoyés", "SMS en attente"),
                ("Depuis {day} nos clients ne reçoivent plus les rappels par SMS.", "{n} SMS restent « en attente » depuis {clock}."),
                ("Un opérateur bloquait votre expéditeur. Nous avons changé de numéro et renvoyé les {n} messages.",)),
            Issue("mobile-sync", "dispatch", 4, 2, ("L'application ne se synchronise plus", "Photos manquantes", "Téléphone de {tech}"),
                ("Le {device} de {tech} affiche encore les interventions d'hier.", "Les photos prises sur site n'arrivent plus depuis la version {version}."),
                ("La version {version} se bloquait avec les grandes photos. La mise à jour est disponible et les photos repartent toutes seules.",)),
            Issue("invoice-question", "billing", 4, 1, ("Question sur la facture {ref}", "Numéro de commande sur la facture", "Facturés deux fois ?"),
                ("Il y a {few} licences de trop sur la facture {ref}.", "Merci d'ajouter notre numéro de commande, sinon le siège ne paie pas."),
                ("Vous avez raison, deux anciens collègues étaient encore comptés. L'avoir est parti.",)),
            Issue("route-long", "routes", 3, 2, ("Tournées incohérentes", "Trop de kilomètres depuis {day}", "L'optimiseur fait des détours"),
                ("Les tournées font {n} km de plus que d'habitude depuis {day}.", "L'optimiseur envoie {tech} deux fois à {city} dans la même journée."),
                ("Deux dépôts avaient les mêmes coordonnées. C'est corrigé et les tournées de demain sont recalculées.",)),
            Issue("training", "dispatch", 2, 0, ("Formation pour une nouvelle collègue", "Comment ajouter un planificateur ?", "Petite question"),
                ("Une nouvelle planificatrice arrive {day}. Existe-t-il une formation courte ?", "Quel rôle permet de déplacer une intervention sans voir les prix ?"),
                ("Oui, trois fois vingt minutes. Je l'ai inscrite pour {day}.",)),
        ),
        openings=("Bonjour,", "Bonjour à toute l'équipe,", "Bonsoir,", "Madame, Monsieur,", "Bonjour, encore moi !", ""),
        impacts=("", "Nous travaillons sur papier en attendant.", "C'est urgent, {few} techniciens attendent.", "Rien d'urgent.", "Toute l'équipe de {city} est concernée.", "Nos clients commencent à se plaindre."),
        closings=("Cordialement,\n{name}\n{company}", "Merci d'avance,\n{first}", "Bien à vous\n{name}", "Merci !\n{first}", "Bonne journée,\n{name}\n{title}"),
        follow_ups=("Avez-vous des nouvelles ?", "Cela vient de recommencer à {clock}.", "Chez {tech} ça marche, chez moi non."),
        agent_starts=("Bonjour {first},", "Bonjour, merci de votre patience."),
        ratings={
            5: ("Très réactif, merci {agent} !", "Résolu en {hours} heures, bravo.", "Excellent accueil et explication claire.", "Parfait, merci !", "Je parle de vous à tous nos confrères.", "", ""),
            4: ("Bien, un peu long.", "Merci, tout fonctionne.", ""), 3: ("Correct.", ""), 2: ("Trop long.", ""), 1: ("Pas résolu.", "Très déçue, personne n'a rappelé."),
        },
    ),
    "es": Language(
        issues=(
            Issue("board-frozen", "dispatch", 5, 3, ("El tablero no carga", "URGENTE: planificación bloqueada", "Tablero congelado desde las {clock}"),
                ("El tablero está congelado desde las {clock} y no podemos mover ningún trabajo.", "En {city} nadie ve los trabajos de hoy. Hemos probado en varios ordenadores."),
                ("Una caché bloqueada de nuestro lado impedía cargar el tablero. Ya está limpia, recargue una vez la página.",)),
            Issue("sms-missing", "dispatch", 4, 2, ("No llegan los SMS a los clientes", "Recordatorios sin enviar", "SMS en cola"),
                ("Desde el {day} nuestros clientes no reciben los recordatorios por SMS.", "Hay {n} mensajes en cola desde las {clock}."),
                ("Un operador bloqueaba su remitente. Lo hemos cambiado y hemos reenviado los {n} mensajes.",)),
            Issue("mobile-sync", "dispatch", 4, 2, ("La app no sincroniza", "Faltan fotos de los trabajos", "El móvil de {tech} no actualiza"),
                ("El {device} de {tech} sigue mostrando los trabajos de ayer.", "Las fotos hechas en obra no llegan a la oficina desde la versión {version}."),
                ("La versión {version} se quedaba parada con fotos grandes. Con la actualización se suben solas.",)),
            Issue("invoice-question", "billing", 4, 1, ("Duda sobre la factura {ref}", "Factura con licencias de más", "Cambio de datos de facturación"),
                ("En la factura {ref} aparecen {few} licencias de más.", "Necesitamos el número de pedido en la factura para poder pagarla."),
                ("Tiene razón, se contaban dos personas que ya no están. El abono va en camino.",)),
            Issue("route-long", "routes", 3, 2, ("Rutas demasiado largas", "El optimizador da rodeos", "Rutas raras desde el {day}"),
                ("Las rutas tienen {n} km más que antes desde el {day}.", "El optimizador manda a {tech} dos veces a {city} el mismo día."),
                ("Dos almacenes tenían las mismas coordenadas. Corregido, y he recalculado las rutas de mañana.",)),
            Issue("training", "dispatch", 2, 0, ("Formación para compañeros nuevos", "¿Cómo doy de alta a un planificador?", "Consulta rápida"),
                ("Entran {few} compañeros nuevos. ¿Hay algún curso corto?", "¿Qué perfil puede mover trabajos sin ver precios?"),
                ("Hay un curso de tres sesiones de veinte minutos. Los he apuntado para el {day}.",)),
        ),
        openings=("Buenos días,", "Hola,", "Buenas tardes,", "Estimado equipo:", "Hola equipo, soy yo otra vez.", ""),
        impacts=("", "De momento planificamos en papel.", "Es urgente, hay {few} técnicos esperando.", "Sin prisa.", "Afecta a todo el equipo de {city}.", "Los clientes ya se están quejando."),
        closings=("Un saludo,\n{name}", "Gracias de antemano\n{first}", "Saludos cordiales\n{name}\n{company}", "¡Gracias!\n{first}", "Atentamente,\n{name}\n{title}"),
        follow_ups=("¿Hay novedades?", "Ha vuelto a pasar a las {clock}.", "A {tech} le funciona y a mí no."),
        agent_starts=("Hola, {first}:", "Buenos días, gracias por su paciencia."),
        ratings={
            5: ("Rapidísimos, gracias {agent}.", "Resuelto en {hours} horas. Un diez.", "Da gusto un soporte así.", "¡Perfecto!", "Ya os he recomendado a otra empresa del polígono.", "", ""),
            4: ("Bien, aunque tardó un poco.", "Todo funciona, gracias.", ""), 3: ("Normal.", ""), 2: ("Demasiado lento.", ""), 1: ("Nadie me llamó.", "Sigue sin funcionar y han cerrado el caso."),
        },
    ),
}  # fmt: skip
