drop table vocabulary_extension;
