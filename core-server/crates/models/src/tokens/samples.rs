//! Texts of the kinds that people send, to hold estimates against exact counts.

/// A name and a text each.
pub(crate) const ALL: [(&str, &str); 12] = [
    (
        "English",
        "The harbour office asked whether we could move the meeting to Thursday. I told them that the \
         contract has not been signed yet, and that our lawyers would like another week to go through the \
         changes in section four. If nobody objects, I will answer this evening and send everybody a copy.",
    ),
    (
        "German",
        "Das Hafenamt fragt, ob wir die Besprechung auf Donnerstag verschieben können. Der Vertrag ist noch \
         nicht unterschrieben, und die Rechtsabteilung möchte die Haftungsbeschränkungen und die \
         Kündigungsfristen im vierten Abschnitt überprüfen. Größere Überweisungen außerhalb der \
         Geschäftszeiten bedürfen einer zusätzlichen Genehmigung.",
    ),
    (
        "French",
        "La capitainerie demande si l'on peut déplacer la réunion à jeudi. Le contrat n'a pas encore été \
         signé, et nos avocats aimeraient une semaine supplémentaire pour relire les modifications.",
    ),
    (
        "Russian",
        "Управление порта спрашивает, можно ли перенести встречу на четверг. Договор ещё не подписан, и \
         юристы хотели бы получить ещё неделю, чтобы проверить изменения в четвёртом разделе.",
    ),
    (
        "Chinese",
        "港务局询问我们能否把会议改到星期四。合同还没有签署，律师希望再用一周时间审阅第四部分的修改。\
         如果没有人反对，我今天晚上就答复，并把副本发给大家。另外，请提醒财务部门准备下个月的预算报告。",
    ),
    (
        "Japanese",
        "港湾局から、会議を木曜日に変更できないかと問い合わせがありました。契約書はまだ署名されておらず、\
         弁護士は第四節の変更点を確認するためにもう一週間ほしいと言っています。",
    ),
    (
        "Thai",
        "สำนักงานท่าเรือถามว่าเราสามารถเลื่อนการประชุมไปเป็นวันพฤหัสบดีได้หรือไม่ สัญญายังไม่ได้ลงนาม \
         และทนายความของเราต้องการเวลาอีกหนึ่งสัปดาห์เพื่อตรวจสอบการแก้ไขในส่วนที่สี่",
    ),
    ("emoji", "😀😅🎉🚀👍🏽🇩🇪👩‍💻❤️🔥🍕🙈✨ 🥳🤯🫠🧑‍🚀🏳️‍🌈👨‍👩‍👧‍👦🎂🌍⚽🦊🪴🛠️📎"),
    (
        "Rust",
        "impl Journal {\n    /// Appends one record.\n    pub fn append(&mut self, record: &Record) -> io::Result<u64> {\n        \
         let bytes = record.encode();\n        self.file.write_all(&(bytes.len() as u32).to_le_bytes())?;\n        \
         self.file.write_all(&bytes)?;\n        if self.sync_every > 0 && self.written % self.sync_every == 0 {\n            \
         self.file.sync_data()?;\n        }\n        self.written += 1;\n        Ok(self.written)\n    }\n}\n",
    ),
    (
        "Python",
        "def mean_by_key(rows, key):\n    totals = {}\n    for row in rows:\n        if row.get(key) is None:\n            \
         continue\n        count, total = totals.get(row[key], (0, 0.0))\n        totals[row[key]] = (count + 1, total + row[\"value\"])\n    \
         return {name: total / count for name, (count, total) in totals.items()}\n\n\n\
         if __name__ == \"__main__\":\n    print(mean_by_key([{\"a\": 1, \"value\": 2.5}], \"a\"))\n",
    ),
    (
        "data",
        "{\n  \"id\": \"7f3c9a1e-52d4\",\n  \"at\": \"2026-11-24T13:00:00Z\",\n  \"from\": \"192.168.0.1\",\n  \"amounts\": [4111, 12.50, 0.07],\n  \
         \"nested\": {\"ok\": true, \"none\": null}\n}\n",
    ),
    (
        "base64",
        "TWFuIGlzIGRpc3Rpbmd1aXNoZWQsIG5vdCBvbmx5IGJ5IGhpcyByZWFzb24sIGJ1dCBieSB0aGlzIHNpbmd1bGFyIHBhc3Npb24gZnJvbSBvdGhlciBhbmltYWxz",
    ),
];
