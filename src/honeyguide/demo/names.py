"""People's names by culture, and which cultures work in which country."""

from random import Random

# culture -> (given names, family names); all invented combinations.
_POOLS: dict[str, tuple[str, str]] = {
    "english": (
        "Alice Amelia Ben Beth Callum Charlotte Claire Daniel Declan Eleanor Ethan Fiona George Grace Hannah Harriet "
        "Jack James Jess Kate Liam Lucy Mark Martin Megan Natalie Oliver Owen Rachel Rob Ruth Sam Sarah Sean Simon "
        "Sophie Tara Tom Victoria Will",
        "Abbott Ashworth Baker Bell Brennan Byrne Carter Clarke Collins Cooper Doyle Fletcher Foster Gallagher Grant "
        "Harding Hayes Hughes Keane Lawson Marsh McKenna Mitchell Moore Murphy Nolan Parker Pearce Quinn Reid Shaw "
        "Slater Sutton Thornton Turner Walsh Ward Whitfield Wright Yates",
    ),
    "german": (
        "Andreas Anja Bernd Birgit Christoph Claudia Daniela Dirk Eva Felix Florian Franziska Hanna Ines Jan Jens "
        "Johanna Julia Katrin Lars Lena Lukas Markus Matthias Nina Petra Ralf Sabine Stefan Tobias Ulrike Uwe",
        "Albrecht Bauer Becker Böhm Brandt Busch Ebert Engel Fischer Frank Hartmann Hoffmann Jäger Keller Köhler "
        "Krause Kühn Lehmann Lorenz Maurer Möller Neumann Peters Richter Schäfer Schröder Schubert Seidel Vogel "
        "Wagner Weiß Winkler",
    ),
    "french": (
        "Adèle Antoine Aurélie Baptiste Camille Céline Clément Élodie Étienne Fabien Guillaume Hélène Inès Jérôme "
        "Julien Laure Léa Lucie Marion Mathieu Maxime Nathalie Nicolas Pauline Rémi Solène Sylvain Thibault Valérie",
        "Aubert Barbier Bertrand Blanchard Boucher Caron Chevalier Colin Dumont Fabre Faure Fontaine Garnier Gauthier "
        "Girard Lacroix Lambert Leclerc Lemoine Marchand Mercier Moreau Perrin Picard Renard Rousseau Roux Vidal",
    ),
    "spanish": (
        "Alba Alejandro Álvaro Beatriz Carlos Carmen Clara Cristina Diego Elena Fernando Gonzalo Inés Irene Javier "
        "Jimena Jorge José Laura Lucía Luis Marta Mateo Miguel Nuria Pablo Paula Raúl Rocío Sergio Silvia Tomás",
        "Aguilar Alonso Blanco Cabrera Campos Castro Delgado Domínguez Esteban Fuentes Gallego García Giménez Herrera "
        "Iglesias León López Márquez Medina Molina Navarro Núñez Ortega Peña Prieto Ramos Rey Rojas Rubio Santos Vega",
    ),
    "italian": (
        "Alessandro Alessia Andrea Anna Chiara Davide Elisa Federica Francesco Giulia Giorgio Ilaria Lorenzo Luca "
        "Marco Martina Matteo Paolo Roberta Serena Silvia Simone Stefano Valentina",
        "Bianchi Caruso Colombo Conti Costa DeLuca Esposito Ferrara Ferri Fontana Gallo Giordano Greco Leone "
        "Lombardi Mancini Marino Moretti Ricci Rinaldi Rizzo Romano Serra Villa",
    ),
    "dutch": (
        "Anouk Bas Daan Eva Femke Floor Gijs Hanneke Ilse Jasper Jeroen Joost Koen Lotte Maaike Marieke Niels Pieter "
        "Roos Ruben Sanne Sander Thijs Wouter",
        "Bakker Bos Brouwer Dekker Dijkstra Hendriks Hermans Hoekstra Jansen Koster Kuipers Maas Mulder Peeters "
        "Postma Prins Smit Visser Vermeulen Vos Willems",
    ),
    "nordic": (
        "Aino Anders Anton Astrid Bjørn Elin Emil Erik Freja Hanne Henrik Ida Ingrid Johan Jonas Kaisa Kristian Lars "
        "Linnea Magnus Maja Mikko Nils Oskar Pernille Sigrid Søren Tuva Ville",
        "Ahlberg Andersson Berg Bergström Dahl Eriksen Hansen Holm Jokinen Karlsson Korhonen Lind Lindqvist Lund "
        "Mäkinen Nielsen Nyström Olsen Sandberg Sørensen Strand Sundin Virtanen Westergaard",
    ),
    "polish": (
        "Agnieszka Aleksandra Bartosz Dorota Ewa Grzegorz Iwona Jakub Joanna Karolina Katarzyna Krzysztof Łukasz "
        "Magdalena Marcin Marek Marta Michał Natalia Paweł Piotr Tomasz Wojciech Zofia",
        "Adamczyk Baran Wilk Duda Gajda Kubiak Sowa Kaczmarek Kowalczyk Bielak Krawczyk Lis Mazur "
        "Nowak Pawlak Piątek Sikora Szymczak Wójcik Wrona Zając Zięba",
    ),
    "portuguese": (
        "Ana André Beatriz Bruno Camila Carolina Daniel Eduardo Fernanda Filipe Gabriela Henrique Inês Joana João "
        "Larissa Leonor Luísa Marcelo Mariana Nuno Patrícia Rafael Ricardo Rui Sofia Teresa Tiago",
        "Almeida Araújo Barbosa Carvalho Correia Duarte Faria Ferreira Fonseca Gomes Lopes Machado Martins Matos "
        "Mendes Monteiro Nogueira Oliveira Pereira Pinto Ribeiro Rocha Silva Teixeira",
    ),
    "indian": (
        "Aarti Aditya Amit Ananya Arjun Deepa Devika Farhan Gaurav Isha Karthik Kavita Lakshmi Manish Meera Neha "
        "Nikhil Pooja Pranav Priya Rahul Rajesh Rohan Sandeep Shreya Sunita Suresh Tanvi Vikram Zoya",
        "Agarwal Bhat Chandra Chopra Das Desai Gupta Iyer Jain Joshi Kapoor Khan Krishnan Kulkarni Malhotra Mehta "
        "Menon Mishra Nair Naidu Patel Raman Rao Reddy Sethi Shah Sharma Singh Verma",
    ),
    "nigerian": (
        "Adaeze Aisha Amara Bisi Chidi Chinwe Damilola Emeka Femi Folake Funmi Ibrahim Ifeoma Kelechi Kunle Musa "
        "Ngozi Obinna Ola Sade Segun Tunde Uche Yetunde Zainab",
        "Abiola Achebe Adebayo Adeyemi Afolabi Balogun Bello Danjuma Eze Ibe Ikenna Lawal Mbah Nwosu Obi Ogunleye "
        "Okafor Okeke Okonkwo Okoye Oladipo Onyeka Salami Uzor",
    ),
    "east_african": (
        "Achieng Amani Brian Faith Grace Hassan Ian James Juma Kamau Lydia Mercy Mwangi Njeri Otieno Peter Ruth "
        "Samuel Wanjiru Winnie",
        "Abdi Kariuki Kimani Kiprop Kamau Macharia Maina Mutua Mwende Ndungu Njoroge Ochieng Odhiambo Omondi Onyango "
        "Rotich Wafula Wambui Waweru",
    ),
    "japanese": (
        "Aiko Akira Ayumi Daisuke Emi Haruka Hiroshi Kana Kenji Makoto Mei Naoki Rina Ryo Sakura Satoshi Takeshi "
        "Yui Yuki Yuto",
        "Abe Endo Fujita Hayashi Inoue Ishikawa Ito Kato Kimura Kobayashi Matsuda Mori Nakamura Okada Saito Sasaki "
        "Sato Shimizu Tanaka Yamada",
    ),
    "chinese": (
        "Bo Chen Fang Hao Hui Jia Jing Lei Li Lin Mei Min Ning Ping Qiang Rui Ting Wei Xin Yan Ying Yu Zhen",
        "Cai Chan Chen Deng Gao Guo He Huang Jiang Li Liang Lin Liu Luo Ma Sun Tan Wang Wu Xu Yang Zhang Zhao Zhou",
    ),
    "vietnamese": (
        "An Anh Binh Chi Duc Dung Giang Hai Hoa Hung Khanh Lan Linh Mai Minh Nam Phuong Quang Thao Trang Tuan",
        "Bui Cao Dang Dinh Do Duong Ho Hoang Huynh Le Ly Mai Ngo Nguyen Pham Phan Tran Trinh Truong Vo Vu",
    ),
    "arabic": (
        "Ahmed Amina Bilal Dalia Fatima Hadi Hala Hassan Huda Karim Khalid Layla Leila Mariam Mona Nadia Nour Omar "
        "Rania Rami Salma Samir Tarek Yasmin Youssef",
        "Abdallah Aziz Bakri Darwish Fahmy Farouk Ghanem Habib Haddad Hamdan Hariri Ismail Jaber Kassem Khoury "
        "Mansour Mustafa Najjar Nasser Qasim Rahman Saleh Sayed Shadid Younes",
    ),
    "turkish": (
        "Ahmet Ayşe Burak Can Ceren Deniz Ebru Elif Emre Esra Hakan Kemal Leyla Mehmet Merve Murat Onur Selin Serkan "
        "Yusuf Zeynep",
        "Acar Aksoy Arslan Aydın Bulut Çelik Çetin Demir Doğan Erdem Güneş Kaplan Kaya Koç Kurt Özdemir Polat Şahin "
        "Tekin Yıldız Yılmaz",
    ),
}

_HOME: dict[str, tuple[str, ...]] = {
    "US": ("english", "english", "spanish", "indian", "chinese", "vietnamese", "nigerian", "italian"),
    "CA": ("english", "english", "french", "indian", "chinese", "arabic"),
    "GB": ("english", "english", "english", "indian", "polish", "nigerian", "arabic"),
    "IE": ("english", "english", "english", "polish", "portuguese"),
    "AU": ("english", "english", "english", "chinese", "vietnamese", "indian", "italian"),
    "NZ": ("english", "english", "indian", "chinese"),
    "DE": ("german", "german", "german", "german", "turkish", "polish"),
    "AT": ("german", "german", "german", "turkish"),
    "CH": ("german", "german", "french", "italian"),
    "FR": ("french", "french", "french", "arabic", "portuguese"),
    "BE": ("dutch", "french", "dutch", "arabic"),
    "NL": ("dutch", "dutch", "dutch", "turkish", "indian"),
    "ES": ("spanish", "spanish", "spanish", "arabic"),
    "MX": ("spanish",),
    "IT": ("italian", "italian", "italian", "arabic"),
    "PT": ("portuguese", "portuguese", "nigerian"),
    "BR": ("portuguese", "portuguese", "italian", "japanese"),
    "SE": ("nordic", "nordic", "nordic", "arabic"),
    "DK": ("nordic", "nordic", "nordic", "turkish"),
    "FI": ("nordic",),
    "PL": ("polish",),
    "IN": ("indian",),
    "NG": ("nigerian",),
    "KE": ("east_african", "east_african", "indian"),
    "JP": ("japanese",),
    "SG": ("chinese", "chinese", "indian", "english"),
}

_SPLIT = {culture: (given.split(), family.split()) for culture, (given, family) in _POOLS.items()}


def draw_name(rng: Random, country: str) -> tuple[str, str]:
    """A given and a family name that would not surprise anybody in this country."""
    cultures = _HOME[country]
    culture = rng.choice(cultures) if rng.random() < 0.93 else rng.choice(sorted(_SPLIT))
    given, family = _SPLIT[culture]
    first = rng.choice(given)
    if culture in ("french", "german") and rng.random() < 0.03:
        first = f"{first}-{rng.choice(given)}"
    last = rng.choice(family)
    if culture in ("spanish", "portuguese") and rng.random() < 0.3:
        last = f"{last} {rng.choice(family)}"
    elif culture == "dutch" and rng.random() < 0.25:
        last = f"{rng.choice(('van', 'de', 'van der'))} {last}"
    elif culture == "english" and rng.random() < 0.03:
        last = f"{last}-{rng.choice(family)}"
    return first, last.replace("DeLuca", "De Luca")
