;; Speaks with festival's HTS voice and writes down when each phone ends.
;;
;; (dump "folder/id" "text") writes folder/id.wav (32 kHz) and folder/id.lab, whose lines are
;; "end-in-seconds phone is-first-of-word", as flite_dump.c does. The text has neither double quotes
;; nor backslashes.

(voice_cmu_us_slt_arctic_hts)

(define (dump path text)
  ;; Utterance is a macro that does not look at variables
  (let ((utt (eval (list 'Utterance 'Text text))) (out nil) (last nil))
    (utt.synth utt)
    (utt.save.wave utt (string-append path ".wav") 'riff)
    (set! out (fopen (string-append path ".lab") "w"))
    (mapcar
      (lambda (segment)
        ;; segment -> syllable -> word; "0" in a pause
        (let ((word (item.feat segment "R:SylStructure.parent.parent.id")) (first 0))
          (if (and (not (string-equal word "0")) (not (equal? word last)))
              (set! first 1))
          (set! last word)
          (format out "%f %s %d\n" (item.feat segment "end") (item.name segment) first)))
      (utt.relation.items utt 'Segment))
    (fclose out)))
