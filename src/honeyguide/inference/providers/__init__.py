"""Providers: who can answer a question set, one file each, all behind `inference.contract.Provider`.

Contract: each class takes plain arguments and loads what it needs when it is first asked, so that importing this
package costs nothing. A provider whose package, weights or endpoint is absent raises Unavailable with a sentence.
"""
