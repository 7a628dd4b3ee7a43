/*
 * Speaks with flite and writes down when each phone ends.
 *
 *     flite_dump VOICE FOLDER < lines of "id<TAB>text"
 *
 * VOICE is slt, rms, awb or kal16. Writes FOLDER/id.wav and FOLDER/id.lab, whose lines are
 * "end-in-seconds phone is-first-of-word". Build it with
 *
 *     cc -O2 flite_dump.c -o flite_dump -lflite_cmu_us_slt -lflite_cmu_us_rms -lflite_cmu_us_awb \
 *       -lflite_cmu_us_kal16 -lflite_usenglish -lflite_cmulex -lflite -lm
 */
#include <flite/flite.h>
#include <stdio.h>
#include <string.h>

cst_voice *register_cmu_us_slt(const char *path);
cst_voice *register_cmu_us_rms(const char *path);
cst_voice *register_cmu_us_awb(const char *path);
cst_voice *register_cmu_us_kal16(const char *path);

static const struct {
  const char *name;
  cst_voice *(*load)(const char *);
} VOICES[] = {
    {"slt", register_cmu_us_slt},
    {"rms", register_cmu_us_rms},
    {"awb", register_cmu_us_awb},
    {"kal16", register_cmu_us_kal16},
};

static cst_voice *find_voice(const char *name) {
  for (size_t i = 0; i < sizeof VOICES / sizeof VOICES[0]; i++) {
    if (strcmp(VOICES[i].name, name) == 0) return VOICES[i].load(NULL);
  }
  return NULL;
}

/* Returns 0, or -1 if the file cannot be written. */
static int write_labels(cst_utterance *utterance, const char *path) {
  FILE *file = fopen(path, "w");
  const void *last = NULL;
  if (file == NULL) return -1;
  for (cst_item *segment = relation_head(utt_relation(utterance, "Segment")); segment != NULL;
       segment = item_next(segment)) {
    /* segment -> syllable -> word; a pause has no syllable */
    cst_item *word = item_parent(item_parent(item_as(segment, "SylStructure")));
    const void *id = word != NULL ? (const void *)item_as(word, "Word") : NULL;
    fprintf(file, "%.4f %s %d\n", item_feat_float(segment, "end"), item_name(segment),
            id != NULL && id != last);
    last = id;
  }
  return fclose(file) == 0 ? 0 : -1;
}

int main(int argc, char **argv) {
  static char line[20000], path[24096];
  cst_voice *voice;

  flite_init();
  if (argc != 3 || (voice = find_voice(argv[1])) == NULL) {
    fprintf(stderr, "usage: flite_dump slt|rms|awb|kal16 FOLDER < LINES\n");
    return 2;
  }
  while (fgets(line, sizeof line, stdin) != NULL) {
    char *text = strchr(line, '\t');
    cst_utterance *utterance;
    if (text == NULL) continue;
    *text++ = '\0';
    text[strcspn(text, "\n")] = '\0';
    utterance = flite_synth_text(text, voice);
    if (utterance == NULL) continue;
    snprintf(path, sizeof path, "%s/%s.wav", argv[2], line);
    cst_wave_save_riff(utt_wave(utterance), path);
    snprintf(path, sizeof path, "%s/%s.lab", argv[2], line);
    if (write_labels(utterance, path) != 0) {
      perror(path);
      return 1;
    }
    delete_utterance(utterance);
  }
  return 0;
}
