"""The background pass: what exact identifiers do not show is proposed by likelihood, joined under guard, or asked."""
